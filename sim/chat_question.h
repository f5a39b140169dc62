#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace holysheep::sim {

// The parts of a chat request's body that the answer depends on. A value.
struct ChatQuestion {
  std::string model;
  // The text of the last user message.
  std::string prompt;
  // The number of words in all messages.
  int prompt_tokens = 0;
  // 0 is unlimited.
  int max_tokens = 0;
  bool stream = false;
  bool include_usage = false;
  bool json_mode = false;
  // Whether the last message is the assistant's, to be continued.
  bool prefilled = false;
};

// Returns INVALID_ARGUMENT where OpenAI would answer with 400.
absl::StatusOr<ChatQuestion> ParseChatQuestion(absl::string_view body);

int CountWords(absl::string_view text);

}  // namespace holysheep::sim
