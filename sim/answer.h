#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/chat_question.h"
#include "sim/json_reader.h"

namespace holysheep::sim {

struct ToolCall {
  std::string id;
  std::string name;
  // The arguments, in the pieces that a stream brings.
  std::vector<std::string> fragments;
};

struct Usage {
  int prompt_tokens = 0;
  int completion_tokens = 0;
  int total_tokens = 0;
  int cached_tokens = 0;
  int reasoning_tokens = 0;
};

// What the model says, before it is put into JSON. A value.
struct Answer {
  // The text in the pieces that a stream brings.
  std::vector<std::string> chunks;
  std::vector<std::string> reasoning;
  std::vector<ToolCall> tool_calls;
  std::string refusal;
  std::string finish_reason = "stop";
  // Instead of the one asked for.
  std::string model;
  std::string system_fingerprint = "fp_sim";
  // The name of the member that holds the reasoning.
  std::string reasoning_field = "reasoning_content";
  // The data of a stream's events, instead of all the above; `[DONE]` too has
  // to be among them.
  std::vector<std::string> events;
  // Unset: counted in words.
  std::optional<Usage> usage;
  bool omit_usage = false;
  int cached_tokens = 0;
};

// Reads a scripted answer, the `answer` of a control message.
Answer ReadAnswer(ObjectReader& reader);

// What is answered where nothing is scripted: `tokens` words, or for 0 tokens
// an echo of the prompt, cut at the question's max_tokens; a small object in
// JSON mode.
Answer DefaultAnswer(const ChatQuestion& question, int tokens);

// The scripted usage, or the words of question and answer.
Usage UsageOf(const ChatQuestion& question, const Answer& answer);

// `text` in pieces of a word, each with the blanks before it.
std::vector<std::string> SplitWords(absl::string_view text);

}  // namespace holysheep::sim
