#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace holysheep::sim {

// What an answer depends on, of the body of a chat request. A value.
struct ChatQuestion {
  std::string model;
  // The text of the last user message.
  std::string prompt;
  // The words of all messages.
  int prompt_tokens = 0;
  // 0 is no limit.
  int max_tokens = 0;
  bool stream = false;
  bool include_usage = false;
  bool json_mode = false;
  // Whether the last message is the assistant's, to be gone on with.
  bool prefilled = false;
};

// INVALID_ARGUMENT for what OpenAI would answer 400 to.
absl::StatusOr<ChatQuestion> ParseChatQuestion(absl::string_view body);

int CountWords(absl::string_view text);

}  // namespace holysheep::sim
