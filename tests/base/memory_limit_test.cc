#include "base/memory_limit.h"

#include <limits>
#include <map>

#include "gtest/gtest.h"

namespace holysheep {
namespace {

constexpr int64_t kMiB = 1 << 20;

using Files = std::map<std::string, std::string>;

std::optional<int64_t> LimitWith(const Files& files) {
  return CgroupMemoryLimit(
      [&files](const std::string& path) -> std::optional<std::string> {
        const auto found = files.find(path);
        if (found == files.end()) return std::nullopt;
        return found->second;
      });
}

TEST(MemoryLimitTest, TheDefaultIs256MiBWithoutALimitOfTheSystem) {
  EXPECT_EQ(DefaultMaxMemory(std::nullopt, 64 * kMiB), 256 * kMiB);
  EXPECT_EQ(DefaultMaxMemory(8192 * kMiB, 64 * kMiB), 256 * kMiB);
}

TEST(MemoryLimitTest, TheDefaultAndTheCacheStayWithinThreeQuarters) {
  EXPECT_EQ(DefaultMaxMemory(256 * kMiB, 64 * kMiB), 128 * kMiB);
  EXPECT_EQ(DefaultMaxMemory(64 * kMiB, 64 * kMiB), 16 * kMiB);
  constexpr int64_t kUnlimited = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(DefaultMaxMemory(256 * kMiB, kUnlimited), 16 * kMiB);
}

TEST(MemoryLimitTest, Version2SaysItInMemoryMax) {
  EXPECT_EQ(LimitWith({{"/proc/self/cgroup", "0::/\n"},
                       {"/sys/fs/cgroup/memory.max", "536870912\n"}}),
            536870912);
}

TEST(MemoryLimitTest, TheSmallestOnTheWayUpCounts) {
  EXPECT_EQ(LimitWith({{"/proc/self/cgroup", "0::/system/node\n"},
                       {"/sys/fs/cgroup/system/node/memory.max", "3000\n"},
                       {"/sys/fs/cgroup/system/memory.max", "2000\n"},
                       {"/sys/fs/cgroup/memory.max", "4000\n"}}),
            2000);
}

TEST(MemoryLimitTest, TheWordMaxIsNoLimit) {
  EXPECT_EQ(LimitWith({{"/proc/self/cgroup", "0::/\n"},
                       {"/sys/fs/cgroup/memory.max", "max\n"}}),
            std::nullopt);
}

TEST(MemoryLimitTest, Version1SaysItInLimitInBytes) {
  const std::string own = "/sys/fs/cgroup/memory/docker/abc";
  EXPECT_EQ(
      LimitWith({{"/proc/self/cgroup", "5:cpu:/x\n4:memory:/docker/abc\n"},
                 {own + "/memory.limit_in_bytes", "1048576\n"}}),
      1048576);
}

TEST(MemoryLimitTest, TheLargestNumberOfVersion1IsNoLimit) {
  EXPECT_EQ(LimitWith({{"/proc/self/cgroup", "4:memory:/\n"},
                       {"/sys/fs/cgroup/memory/memory.limit_in_bytes",
                        "9223372036854771712\n"}}),
            std::nullopt);
}

TEST(MemoryLimitTest, WithoutTheFilesThereIsNoLimit) {
  EXPECT_EQ(LimitWith({}), std::nullopt);
  EXPECT_EQ(LimitWith({{"/proc/self/cgroup", "nonsense"}}), std::nullopt);
  EXPECT_EQ(ReadSystemFile("/no/such/file"), std::nullopt);
}

}  // namespace
}  // namespace holysheep
