#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/batch/input_dress.h"

namespace holysheep::cli {

// What the command line says of an input. An empty text leaves the choice to
// the file.
struct InputFlags {
  std::string format;
  std::string encoding;
  // As DelimiterOf reads it.
  std::string delimiter;
  // Fields and the names of their columns: `query=Frage`.
  std::vector<std::string> columns;
};

// How an input is read, and how that was decided.
struct GuessedInput {
  BatchSource source;
  // Sentences for the user, each with the flag that says otherwise.
  std::vector<std::string> notes;
  // Whether the file has lines of OpenAI's batch files.
  bool is_openai = false;
};

// Decides how the file at `path` is read, by the flags and by its beginning.
// `name` is for messages. kInvalidArgument for a flag that cannot be, and for a
// file that is not text: a spreadsheet, a compressed file. Reads at most the
// first 64 KiB and the first line. The file's name decides the format;
// `is_stream` means that it has none.
absl::StatusOr<GuessedInput> GuessInput(const std::string& path,
                                        const std::string& name, bool is_stream,
                                        const InputFlags& flags);

}  // namespace holysheep::cli
