#include "intake/estimate_cost.h"

#include "base/errors.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/node.pb.h"
#include "policy/catalog.h"

namespace holysheep {
namespace {

absl::StatusOr<pb::EstimateCostResponse> Estimate(const std::string& text) {
  pb::EstimateCostRequest request;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request));
  RequestLimits limits;
  limits.new_request_id = [] { return "id"; };
  return EstimateCost(
      request, Catalog(Catalog::BuiltInModels(), "deepseek-v3.2"), limits);
}

std::string FieldAtFault(const std::string& text) {
  const auto response = Estimate(text);
  EXPECT_EQ(ReasonOf(response.status()), Reason::kInvalidArgument) << text;
  return DetailsOf(response.status()).field;
}

TEST(EstimateCostTest, TokenCountsArePricedExactly) {
  const auto response = Estimate(
      "model: 'gpt-4.1' prompt_tokens: 1000000 completion_tokens: 500000");
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->cost().prompt(), "8");
  EXPECT_EQ(response->cost().completion(), "4");
  EXPECT_EQ(response->cost().total(), "12");
  EXPECT_EQ(response->cost().official(), "90");
  EXPECT_EQ(response->cost().saved(), "78");
  EXPECT_EQ(response->tokens().total_tokens(), 1'500'000);
  EXPECT_FALSE(response->estimated());
  EXPECT_FALSE(response->tokens().estimated());
}

TEST(EstimateCostTest, AnUnsetModelIsTheDefaultAndAnUnsetCountIsNone) {
  const auto response = Estimate("completion_tokens: 1000000");
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->cost().total(), "0.42");
  EXPECT_EQ(response->tokens().prompt_tokens(), 0);
}

TEST(EstimateCostTest, AnUnknownModelHasTheFallbackPrice) {
  const auto response = Estimate("model: 'unheard-of' prompt_tokens: 1000000");
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->cost().total(), "1");
  EXPECT_EQ(response->cost().saved(), "0");
}

TEST(EstimateCostTest, ARequestIsEstimatedFromItsTextAndMaxTokens) {
  const auto response =
      Estimate("request {query: 'Hallo' model: 'gpt-4.1' max_tokens: 100}");
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->tokens().prompt_tokens(), 2 + 4 + 3);
  EXPECT_EQ(response->tokens().completion_tokens(), 100);
  EXPECT_EQ(response->tokens().total_tokens(), 109);
  EXPECT_EQ(response->cost().total(), "0.000872");
  EXPECT_TRUE(response->estimated());
  EXPECT_TRUE(response->tokens().estimated());
}

TEST(EstimateCostTest, ARequestTakesItsDefaultsFirst) {
  const auto response = Estimate("request {query: 'Hallo'}");
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->tokens().completion_tokens(), 2048);
  EXPECT_EQ(response->cost().prompt_unit_price(), "0.42");
}

TEST(EstimateCostTest, BothOrNeitherIsRefused) {
  EXPECT_EQ(FieldAtFault(""), "request");
  EXPECT_EQ(FieldAtFault("model: 'gpt-4.1'"), "request");
  EXPECT_EQ(FieldAtFault("request {query: 'a'} prompt_tokens: 0"), "request");
  EXPECT_EQ(FieldAtFault("request {query: 'a'} model: 'gpt-4.1'"), "request");
}

TEST(EstimateCostTest, ACountBeyondReasonIsRefused) {
  EXPECT_EQ(FieldAtFault("prompt_tokens: -1"), "prompt_tokens");
  EXPECT_EQ(FieldAtFault("prompt_tokens: 1 completion_tokens: -1"),
            "completion_tokens");
  EXPECT_EQ(FieldAtFault("prompt_tokens: 9223372036854775807"),
            "prompt_tokens");
  EXPECT_EQ(FieldAtFault("completion_tokens: 1000000001"), "completion_tokens");
}

TEST(EstimateCostTest, PartsOfThePromptArePricedAsSuch) {
  ModelInfo model;
  model.id = "m";
  const auto dollars = [](absl::string_view text) {
    return *Money::Parse(text);
  };
  model.prompt_price = dollars("3");
  model.cached_prompt_price = dollars("0.3");
  model.cache_write_price = dollars("3.75");
  model.completion_price = dollars("15");
  model.official_price = dollars("20");
  model.official_cached_prompt_price = dollars("2");
  pb::EstimateCostRequest request;
  request.set_prompt_tokens(1'000'000);
  request.set_cached_prompt_tokens(500'000);
  request.set_cache_write_tokens(200'000);
  const auto response = EstimateCost(request, Catalog({model}, "m"), {});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->cost().prompt(), "1.8");
  EXPECT_EQ(response->cost().official(), "11");
  EXPECT_EQ(response->cost().saved(), "9.2");
  EXPECT_EQ(response->tokens().cached_prompt_tokens(), 500'000);
  EXPECT_EQ(response->tokens().cache_write_tokens(), 200'000);
  EXPECT_EQ(response->tokens().total_tokens(), 1'000'000);
}

TEST(EstimateCostTest, PartsBeyondThePromptAreRefused) {
  EXPECT_EQ(FieldAtFault("cached_prompt_tokens: 1"), "cached_prompt_tokens");
  EXPECT_EQ(FieldAtFault("cache_write_tokens: 1"), "cache_write_tokens");
  EXPECT_EQ(FieldAtFault("prompt_tokens: 9 cached_prompt_tokens: 10"),
            "cached_prompt_tokens");
  EXPECT_EQ(FieldAtFault("prompt_tokens: 9 cached_prompt_tokens: 5 "
                         "cache_write_tokens: 5"),
            "cache_write_tokens");
  EXPECT_EQ(FieldAtFault("prompt_tokens: 9 cached_prompt_tokens: -1"),
            "cached_prompt_tokens");
  EXPECT_EQ(FieldAtFault("prompt_tokens: 9 cache_write_tokens: -1"),
            "cache_write_tokens");
  EXPECT_TRUE(Estimate("prompt_tokens: 9 cached_prompt_tokens: 5 "
                       "cache_write_tokens: 4")
                  .ok());
}

TEST(EstimateCostTest, TheLargestCountsFitTheAnswer) {
  const auto response =
      Estimate("prompt_tokens: 1000000000 completion_tokens: 1000000000");
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->tokens().total_tokens(), 2'000'000'000);
  const auto longest = Estimate(
      "request {query: 'a' model: 'unheard-of' max_tokens: "
      "2147483647}");
  ASSERT_TRUE(longest.ok()) << longest.status();
  EXPECT_EQ(longest->tokens().completion_tokens(), 1'000'000'000);
}

TEST(EstimateCostTest, AMistakeInTheRequestIsNamedFromTheOutside) {
  EXPECT_EQ(FieldAtFault("request {query: 'a' temperature: 3}"),
            "request.temperature");
  EXPECT_EQ(Estimate("request {query: 'a' temperature: 3}").status().message(),
            "request.temperature: must be 0 to 2, is 3");
}

TEST(EstimateCostTest, AutoIsTheModelThatTheRequestWouldGet) {
  const auto response =
      Estimate("request {query: 'Hallo' model: 'auto' max_tokens: 20000}");
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->cost().prompt_unit_price(), "2.5");
}

TEST(EstimateCostTest, AutoNeedsARequestToChooseFor) {
  EXPECT_EQ(FieldAtFault("model: 'auto' prompt_tokens: 1"), "model");
  EXPECT_EQ(FieldAtFault("request {query: 'a' model: 'auto' "
                         "max_tokens: 2000000000}"),
            "request.model");
}

}  // namespace
}  // namespace holysheep
