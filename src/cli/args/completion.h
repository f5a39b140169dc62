#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace holysheep::cli {

// A word that a shell may complete, what it means, and the words that may come
// after it if those are few. Only the meaning may have quotes.
struct CompletionWord {
  std::string word;
  std::string meaning;
  std::vector<std::string> values = {};
};

struct CompletionCommand {
  CompletionWord name;
  std::vector<CompletionWord> flags;
};

// What the shells are to know of the program.
struct CompletionTree {
  std::vector<CompletionCommand> commands;
  std::vector<CompletionWord> flags;  // of every command
};

// A script for `bash`, `zsh` or `fish` to source.
absl::StatusOr<std::string> CompletionScript(absl::string_view shell,
                                             const CompletionTree& tree);

}  // namespace holysheep::cli
