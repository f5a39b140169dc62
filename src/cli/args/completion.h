#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace holysheep::cli {

// A word that a shell can complete, its meaning, and the words that may follow
// it if those are few. Only the meaning may contain quotes.
struct CompletionWord {
  std::string word;
  std::string meaning;
  std::vector<std::string> values = {};
};

// A command with its flags.
struct CompletionCommand {
  CompletionWord name;
  std::vector<CompletionWord> flags;
};

// Everything that the shells need to know about the program.
struct CompletionTree {
  std::vector<CompletionCommand> commands;
  std::vector<CompletionWord> flags;  // of every command
};

// Returns a script for `bash`, `zsh` or `fish` to source; INVALID_ARGUMENT for
// any other shell.
absl::StatusOr<std::string> CompletionScript(absl::string_view shell,
                                             const CompletionTree& tree);

}  // namespace holysheep::cli
