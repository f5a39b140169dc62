#include <optional>

#include "config/load.h"
#include "config_fixture.h"
#include "gtest/gtest.h"
#include "policy/price_list.h"

namespace holysheep::config {
namespace {

class PricesTest : public ConfigTest {};

TEST_F(PricesTest, OfficialPricesThatAreNotGivenFollowTheShortForm) {
  const absl::StatusOr<Config> config = Load(R"(
default_model: a
models:
- {id: a, prompt_price: 1, completion_price: 5, cache_write_price: 1.25,
   official_price: 9, official_cached_prompt_price: 0.3,
   official_completion_price: 15}
)");
  ASSERT_TRUE(config.ok()) << config.status();
  const ModelInfo& a = config->models[0];
  EXPECT_EQ(a.cache_write_price.ToString(), "1.25");
  EXPECT_EQ(a.official_prompt_price, std::nullopt);
  EXPECT_EQ(a.official_cached_prompt_price, Money::Parse("0.3").value());
  EXPECT_EQ(a.official_cache_write_price, std::nullopt);
  EXPECT_EQ(a.official_completion_price, Money::Parse("15").value());
  EXPECT_EQ(OfficialPricesOf(a).prompt, Money::Parse("9").value());
}

}  // namespace
}  // namespace holysheep::config
