#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace holysheep::cli {

// A word that a shell can complete, its meaning, and the words that may follow
// it if those are few. Only the meaning may contain quotes. Words contain no
// blanks.
struct CompletionWord {
  std::string word;
  // As the help shows it.
  std::string meaning;
  // Empty if anything may follow, such as a file.
  std::vector<std::string> values = {};
};

// A command with its flags. Flags of a subcommand (`token new`) are among those
// of its command.
struct CompletionCommand {
  CompletionWord name;
  std::vector<CompletionWord> flags;
};

// Everything that the shells need to know about the program. Made from the
// declarations of CLI11 (command_line.cc).
struct CompletionTree {
  std::vector<CompletionCommand> commands;
  std::vector<CompletionWord> flags;  // of every command
};

// Returns a script for `bash`, `zsh` or `fish` to source; INVALID_ARGUMENT for
// any other shell. The script is static: it calls neither the program nor the
// service. Pure.
absl::StatusOr<std::string> CompletionScript(absl::string_view shell,
                                             const CompletionTree& tree);

}  // namespace holysheep::cli
