#include <limits>

#include "config_fixture.h"

namespace holysheep::config {
namespace {

class UnlimitedTest : public ConfigTest {};

TEST_F(UnlimitedTest, ZeroIsNoLimitWhereTheServiceIsBounded) {
  constexpr size_t kUnlimited = std::numeric_limits<size_t>::max();
  const absl::StatusOr<Config> config = Load(
      "cache: {max_entries: 0, max_bytes: 0}\n"
      "limits: {max_connections: 0, max_queue_wait: 0, max_queue: 0, "
      "max_memory: 0}\n"
      "upstream: {max_connections: 0}\n");
  ASSERT_TRUE(config.ok()) << config.status();
  EXPECT_EQ(config->cache.max_entries, kUnlimited);
  EXPECT_EQ(config->cache.max_bytes, kUnlimited);
  EXPECT_EQ(config->max_connections, kUnlimited);
  EXPECT_EQ(config->max_memory, kUnlimited);
  EXPECT_EQ(config->admission.max_queue_wait, absl::InfiniteDuration());
  // These know 0 themselves.
  EXPECT_EQ(config->admission.max_queue, 0);
  EXPECT_EQ(config->connections.max_connections, 0);
}

}  // namespace
}  // namespace holysheep::config
