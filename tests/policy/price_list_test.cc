#include "policy/price_list.h"

#include <limits>
#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace holysheep {
namespace {

Money Dollars(absl::string_view text) { return Money::Parse(text).value(); }

ModelInfo ModelWithThreePrices() {
  ModelInfo model;
  model.prompt_price = Dollars("2");
  model.completion_price = Dollars("8");
  model.cached_prompt_price = Dollars("0.5");
  model.official_price = Dollars("10");
  return model;
}

ModelInfo BuiltIn(absl::string_view id) {
  return Catalog(Catalog::BuiltInModels(),
                 std::string(Catalog::BuiltInDefaultModel()))
      .TargetFor(id)
      ->model;
}

TEST(PriceListTest, CachedTokensArePartOfThePromptTokens) {
  const struct {
    absl::string_view what;
    TokenCounts tokens;
    absl::string_view prompt, completion, total, official;
  } kCases[] = {
      {"nothing", {0, 0, 0}, "0", "0", "0", "0"},
      {"no cached ones", {1000, 100, 0}, "0.002", "0.0008", "0.0028", "0.011"},
      {"some cached", {1000, 100, 400}, "0.0014", "0.0008", "0.0022", "0.011"},
      {"all cached", {1000, 0, 1000}, "0.0005", "0", "0.0005", "0.01"},
      {"more than all", {1000, 0, 5000}, "0.0005", "0", "0.0005", "0.01"},
      {"negative cached", {1000, 0, -5}, "0.002", "0", "0.002", "0.01"},
      {"negative all", {-1000, -100, -5}, "0", "0", "0", "0"},
      {"cached without prompt", {0, 100, 50}, "0", "0.0008", "0.0008", "0.001"},
  };
  for (const auto& test : kCases) {
    const Price price = PriceTokens(ModelWithThreePrices(), test.tokens);
    EXPECT_EQ(price.prompt.ToString(), test.prompt) << test.what;
    EXPECT_EQ(price.completion.ToString(), test.completion) << test.what;
    EXPECT_EQ(price.total.ToString(), test.total) << test.what;
    EXPECT_EQ(price.official.ToString(), test.official) << test.what;
  }
}

ModelInfo ModelWithAllPrices() {
  ModelInfo model = ModelWithThreePrices();
  model.cache_write_price = Dollars("2.5");
  model.official_prompt_price = Dollars("3");
  model.official_cached_prompt_price = Dollars("0.3");
  model.official_cache_write_price = Dollars("3.75");
  model.official_completion_price = Dollars("15");
  return model;
}

TEST(PriceListTest, EachClassOfTokensHasItsOwnPriceAndOfficialPrice) {
  // 300 plain, 500 cached, 200 written; 100 of answer.
  const Price price = PriceTokens(ModelWithAllPrices(), {1000, 100, 500, 200});
  EXPECT_EQ(price.prompt.ToString(), "0.00135");
  EXPECT_EQ(price.completion.ToString(), "0.0008");
  EXPECT_EQ(price.total.ToString(), "0.00215");
  EXPECT_EQ(price.official.ToString(), "0.0033");
  EXPECT_TRUE(price.comparable);
}

TEST(PriceListTest, WrittenTokensBeyondTheRestOfThePromptDoNotCount) {
  const ModelInfo model = ModelWithAllPrices();
  EXPECT_EQ(PriceTokens(model, {1000, 0, 400, 5000}).prompt,
            PriceTokens(model, {1000, 0, 400, 600}).prompt);
  EXPECT_EQ(PriceTokens(model, {1000, 0, 0, -5}).prompt,
            PriceTokens(model, {1000, 0, 0, 0}).prompt);
}

TEST(PriceListTest, TheOfficialPriceIsTheShortFormOfThoseThatAreNotGiven) {
  ModelInfo model = ModelWithThreePrices();
  model.official_completion_price = Dollars("20");
  const OfficialPrices prices = OfficialPricesOf(model);
  EXPECT_EQ(prices.prompt, Dollars("10"));
  EXPECT_EQ(prices.cached_prompt, Dollars("10"));
  EXPECT_EQ(prices.cache_write, Dollars("10"));
  EXPECT_EQ(prices.completion, Dollars("20"));
}

TEST(PriceListTest, WithoutTheShortFormTheCacheHasTheOfficialPriceOfThePrompt) {
  ModelInfo model = ModelWithThreePrices();
  model.official_price = Money();
  model.official_prompt_price = Dollars("3");
  const OfficialPrices prices = OfficialPricesOf(model);
  EXPECT_EQ(prices.cached_prompt, Dollars("3"));
  EXPECT_EQ(prices.cache_write, Dollars("3"));
  EXPECT_EQ(prices.completion, std::nullopt);
}

TEST(PriceListTest, TokensWithoutAnOfficialPriceCannotBeCompared) {
  ModelInfo model = ModelWithThreePrices();
  model.official_price = Money();
  model.official_prompt_price = Dollars("3");
  EXPECT_TRUE(PriceTokens(model, {1000, 0}).comparable);
  const Price price = PriceTokens(model, {1000, 1});
  EXPECT_FALSE(price.comparable);
  EXPECT_EQ(price.official, Money());
  EXPECT_EQ(SavingPercent(model), 0);
}

TEST(PriceListTest, AnOfficialPriceOfZeroForOneClassIsKnown) {
  ModelInfo model = ModelWithAllPrices();
  model.official_cached_prompt_price = Money();
  const Price price = PriceTokens(model, {1000, 0, 1000});
  EXPECT_TRUE(price.comparable);
  EXPECT_EQ(price.official, Money());
}

TEST(PriceListTest, ReservedIsTheDearestClassOfInput) {
  ModelInfo model = ModelWithAllPrices();
  EXPECT_EQ(PriceTokens(model, AtMost(model, {1000, 10})).prompt.ToString(),
            "0.0025");
  model.cached_prompt_price = Dollars("4");
  EXPECT_EQ(PriceTokens(model, AtMost(model, {1000, 10})).prompt.ToString(),
            "0.004");
  model.prompt_price = Dollars("5");
  EXPECT_EQ(PriceTokens(model, AtMost(model, {1000, 10})).prompt.ToString(),
            "0.005");
}

TEST(PriceListTest, TheSavingIsThatOfPromptAndAnswerAtTheirOfficialPrices) {
  EXPECT_EQ(SavingPercent(ModelWithAllPrices()), 44.4);
}

TEST(PriceListTest, AnExplicitZeroPriceStaysZero) {
  ModelInfo model = ModelWithThreePrices();
  model.cached_prompt_price = Money();
  EXPECT_EQ(PriceTokens(model, {1000, 0, 1000}).total, Money());
}

TEST(PriceListTest, TheBuiltInModelsCostTheSameForEveryKindOfToken) {
  const Price price = PriceTokens(BuiltIn("deepseek-v3.2"), {20, 10, 5});
  EXPECT_EQ(price.total.ToString(), "0.0000126");
  EXPECT_EQ(price.official.ToString(), "0.000084");
}

TEST(PriceListTest, TheTotalIsTheSumForTheLargestCountsToo) {
  const int64_t most = std::numeric_limits<int64_t>::max();
  const Price price = PriceTokens(BuiltIn("gpt-4.1"), {most, most, 0});
  EXPECT_EQ(price.total, price.prompt + price.completion);
  EXPECT_EQ(price.total.picos(), absl::int128(most) * 16'000'000);
}

TEST(PriceListTest, TheSavingsAreThoseOfThePriceList) {
  EXPECT_EQ(SavingPercent(BuiltIn("gpt-4.1")), 86.7);
  EXPECT_EQ(SavingPercent(BuiltIn("claude-sonnet-4.5")), 66.7);
  EXPECT_EQ(SavingPercent(BuiltIn("gemini-2.5-flash")), 75.0);
  EXPECT_EQ(SavingPercent(BuiltIn("deepseek-v3.2")), 85.0);
}

TEST(PriceListTest, AnUnknownModelSavesNothing) {
  EXPECT_EQ(SavingPercent(BuiltIn("some-new-model")), 0);
}

TEST(PriceListTest, DifferentPricesSaveWhatTheirMeanSaves) {
  EXPECT_EQ(SavingPercent(ModelWithThreePrices()), 50.0);
}

TEST(PriceListTest, ADearerModelSavesLessThanNothing) {
  ModelInfo model = ModelWithThreePrices();
  model.official_price = Dollars("4");
  EXPECT_EQ(SavingPercent(model), -25.0);
}

TEST(PriceListTest, WithoutAnOfficialPriceThereIsNoSaving) {
  ModelInfo model = ModelWithThreePrices();
  model.official_price = Money();
  EXPECT_EQ(SavingPercent(model), 0);
}

}  // namespace
}  // namespace holysheep
