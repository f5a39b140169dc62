#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace holysheep::config {

struct FileContents {
  std::string text;
  // Whether every user of the machine may read it.
  bool world_readable = false;
};

// The whole file, of at most `max_bytes`. The error's message says what is
// wrong (`no such file`, `is a directory`, ...; a pipe that has been read
// before is wrong, too, rather than empty), but not with which file: a key
// given by mistake as the name of its file must not be shown.
absl::StatusOr<FileContents> ReadFile(const std::string& path,
                                      size_t max_bytes);

}  // namespace holysheep::config
