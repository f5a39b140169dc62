#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace holysheep::config {

// A file's text, and what its permissions say.
struct FileContents {
  std::string text;
  // Whether every user of the machine may read it. Regular files only; for a
  // warning about keys.
  bool world_readable = false;
};

// Reads the whole file at `path`, at most `max_bytes`. The error says what is
// wrong (`no such file`, `is a directory`, ...), but not with which file: a key
// that was given by mistake as the name of its file must not be shown. A pipe
// that has been read before is an error rather than empty. INVALID_ARGUMENT.
// Blocks.
absl::StatusOr<FileContents> ReadFile(const std::string& path,
                                      size_t max_bytes);

}  // namespace holysheep::config
