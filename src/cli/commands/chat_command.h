#pragma once

#include "absl/strings/string_view.h"

namespace holysheep::cli {

// The meaning of a text in a conversation.
enum class ChatCommand { kNone, kHelp, kReset, kExit, kMistyped };

inline constexpr absl::string_view kChatCommands =
    "/help, /reset, /exit and /quit";

// A line that begins with `/word` is a command: kMistyped unless the word is
// that of a command and stands alone. All other texts are messages (kNone),
// such as those of several lines and those that begin with a path.
ChatCommand ChatCommandOf(absl::string_view text);

}  // namespace holysheep::cli
