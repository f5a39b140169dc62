#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"

namespace holysheep {

// Returns the text of the file at a path; nothing if it cannot be read.
using ReadTextFile =
    absl::FunctionRef<std::optional<std::string>(const std::string& path)>;

// The bytes of memory that the process's control group may use: `memory.max` of
// version 2, `memory.limit_in_bytes` of version 1, the smallest on the way up
// to the root. Nothing if there is no such bound. Pure but for `read`.
std::optional<int64_t> CgroupMemoryLimit(ReadTextFile read);

// Reads at most the first 64 KiB of a file of the system. Blocks.
std::optional<std::string> ReadSystemFile(const std::string& path);

}  // namespace holysheep
