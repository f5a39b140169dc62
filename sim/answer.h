#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/chat_question.h"
#include "sim/json_reader.h"

namespace holysheep::sim {

// A tool call of an answer.
struct ToolCall {
  std::string id;
  std::string name;
  // The arguments, in the pieces of a stream.
  std::vector<std::string> fragments;
};

// The usage that an answer reports.
struct Usage {
  int prompt_tokens = 0;
  int completion_tokens = 0;
  int total_tokens = 0;
  int cached_tokens = 0;
  int reasoning_tokens = 0;
};

// The model's answer before it is encoded as JSON. A value.
struct Answer {
  // The text, in the pieces of a stream.
  std::vector<std::string> chunks;
  std::vector<std::string> reasoning;
  std::vector<ToolCall> tool_calls;
  std::string refusal;
  std::string finish_reason = "stop";
  // Replaces the model that was asked for, unless empty.
  std::string model;
  std::string system_fingerprint = "fp_sim";
  // The name of the member with the reasoning.
  std::string reasoning_field = "reasoning_content";
  // The data of a stream's events, which replaces all of the above; `[DONE]`
  // has to be among them.
  std::vector<std::string> events;
  // If not set, the words are counted.
  std::optional<Usage> usage;
  bool omit_usage = false;
  int cached_tokens = 0;
};

// Reads a scripted answer: the `answer` of a control message.
Answer ReadAnswer(ObjectReader& reader);

// The answer where nothing is scripted: `tokens` words or, for 0, an echo of
// the prompt, cut at the question's max_tokens; in JSON mode a small object.
Answer DefaultAnswer(const ChatQuestion& question, int tokens);

// The scripted usage; otherwise the number of words of question and answer.
Usage UsageOf(const ChatQuestion& question, const Answer& answer);

// Splits `text` into words, each with the blanks before it.
std::vector<std::string> SplitWords(absl::string_view text);

}  // namespace holysheep::sim
