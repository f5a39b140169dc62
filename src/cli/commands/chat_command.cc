#include "cli/commands/chat_command.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace holysheep::cli {

ChatCommand ChatCommandOf(absl::string_view text) {
  if (text == "/help") return ChatCommand::kHelp;
  if (text == "/reset") return ChatCommand::kReset;
  if (text == "/exit" || text == "/quit") return ChatCommand::kExit;
  if (!absl::ConsumePrefix(&text, "/") || absl::StrContains(text, '\n')) {
    return ChatCommand::kNone;
  }
  const absl::string_view word = text.substr(0, text.find(' '));
  const bool is_word =
      !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
        return absl::ascii_isalpha(static_cast<unsigned char>(c));
      });
  return is_word ? ChatCommand::kMistyped : ChatCommand::kNone;
}

}  // namespace holysheep::cli
