#include "base/memory_limit.h"

#include <algorithm>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

namespace holysheep {
namespace {

constexpr int64_t kDefaultBytes = int64_t{256} << 20;
constexpr int64_t kLeastBytes = int64_t{16} << 20;
constexpr size_t kMostBytes = 64 << 10;

// Version 1 says "no limit" with a number near the largest.
constexpr int64_t kNoLimit = int64_t{1} << 60;

void LowerTo(const std::optional<std::string>& text,
             std::optional<int64_t>& limit) {
  int64_t bytes = 0;
  if (!text.has_value() ||
      !absl::SimpleAtoi(absl::StripAsciiWhitespace(*text), &bytes)) {
    return;  // Such as `max`.
  }
  if (bytes <= 0 || bytes >= kNoLimit) return;
  limit = std::min(bytes, limit.value_or(bytes));
}

// In a container the group's own directory is often mounted as the root.
void LowerOnTheWayUp(ReadTextFile read, absl::string_view mount,
                     absl::string_view group, absl::string_view file,
                     std::optional<int64_t>& limit) {
  while (!group.empty() && group != "/") {
    LowerTo(read(absl::StrCat(mount, group, "/", file)), limit);
    group = group.substr(0, group.rfind('/'));
  }
  LowerTo(read(absl::StrCat(mount, "/", file)), limit);
}

}  // namespace

int64_t DefaultMaxMemory(std::optional<int64_t> memory_limit,
                         int64_t cache_bytes) {
  if (!memory_limit.has_value()) return kDefaultBytes;
  const int64_t three_quarters = *memory_limit - *memory_limit / 4;
  return std::clamp(three_quarters - std::min(cache_bytes, three_quarters),
                    kLeastBytes, kDefaultBytes);
}

std::optional<int64_t> CgroupMemoryLimit(ReadTextFile read) {
  std::optional<int64_t> limit;
  const std::string groups = read("/proc/self/cgroup").value_or("");
  // Each line is `number:controllers:path`; version 2 names no controllers.
  for (const absl::string_view line : absl::StrSplit(groups, '\n')) {
    const std::vector<absl::string_view> parts =
        absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (parts.size() != 3) continue;
    const std::vector<absl::string_view> names = absl::StrSplit(parts[1], ',');
    if (parts[1].empty()) {
      LowerOnTheWayUp(read, "/sys/fs/cgroup", parts[2], "memory.max", limit);
    } else if (std::find(names.begin(), names.end(), "memory") != names.end()) {
      LowerOnTheWayUp(read, "/sys/fs/cgroup/memory", parts[2],
                      "memory.limit_in_bytes", limit);
    }
  }
  return limit;
}

std::optional<std::string> ReadSystemFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string text(kMostBytes, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  return text;
}

}  // namespace holysheep
