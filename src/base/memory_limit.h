#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"

namespace holysheep {

// The default of `limits.max_memory` in bytes: 256 MiB, or less, so that it and
// the cache stay within three quarters of the process's `memory_limit`, but at
// least 16 MiB. Pure.
int64_t DefaultMaxMemory(std::optional<int64_t> memory_limit,
                         int64_t cache_bytes);

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
