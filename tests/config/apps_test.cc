// The apps of callers: their limits and budgets.
#include <string>
#include <vector>

#include "config_fixture.h"
#include "gmock/gmock.h"

namespace holysheep::config {
namespace {

class AppsTest : public ConfigTest {};

TEST_F(AppsTest, AreReadWithTheirLimits) {
  const absl::StatusOr<Config> config = Load(R"(
apps:
- {id: 3f0c-11, name: Support bot, requests_per_minute: 10}
- {id: other, tokens_per_minute: 5000}
)");
  ASSERT_TRUE(config.ok()) << config.status();
  const std::vector<AppOptions> wanted = {
      {"3f0c-11", "Support bot", {.requests_per_minute = 10}},
      {"other", "", {.tokens_per_minute = 5000}}};
  EXPECT_EQ(config->apps, wanted);
}

TEST_F(AppsTest, ABudgetMayBeForOne) {
  const absl::StatusOr<Config> config =
      Load("budgets: [{usd: 1}, {app: bot, usd: 2}]\n");
  ASSERT_TRUE(config.ok()) << config.status();
  ASSERT_EQ(config->limits.budgets.size(), 2u);
  EXPECT_EQ(config->limits.budgets[0].app, "*");
  EXPECT_EQ(config->limits.budgets[1].app, "bot");
}

TEST_F(AppsTest, AreRefusedWithoutAnIdOrWithThatOfAnother) {
  EXPECT_EQ(Problem("apps:\n- name: Bot\n"),
            "c.yaml:2: apps[0].id: is required");
  EXPECT_EQ(Problem("apps:\n- id: a\n- id: a\n"),
            "c.yaml:3: apps[1].id: is taken by an item above");
  EXPECT_EQ(Problem("apps:\n- {id: a, limit: 1}\n"),
            "c.yaml:2: apps[0].limit: unknown key; allowed are id, name, "
            "requests_per_minute, tokens_per_minute");
  EXPECT_EQ(Problem("apps:\n- {id: a, requests_per_minute: -1}\n"),
            "c.yaml:2: apps[0].requests_per_minute: must be a whole number "
            "from 0 to 1000000000");
  EXPECT_EQ(Problem("budgets:\n- {app: '', usd: 1}\n"),
            "c.yaml:2: budgets[0].app: must be 1 to 256 characters without "
            "blanks around them");
}

}  // namespace
}  // namespace holysheep::config
