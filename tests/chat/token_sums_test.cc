#include "chat/token_sums.h"

#include <cstdint>
#include <limits>

#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

pb::Usage SomeUsage() {
  pb::Usage usage;
  usage.set_prompt_tokens(1);
  usage.set_completion_tokens(2);
  usage.set_total_tokens(3);
  usage.set_cached_prompt_tokens(4);
  usage.set_cache_write_tokens(5);
  usage.set_reasoning_tokens(6);
  return usage;
}

template <typename Sum>
void ExpectTwice(const Sum& sum) {
  EXPECT_EQ(sum.prompt_tokens(), 2);
  EXPECT_EQ(sum.completion_tokens(), 4);
  EXPECT_EQ(sum.total_tokens(), 6);
  EXPECT_EQ(sum.cached_prompt_tokens(), 8);
  EXPECT_EQ(sum.cache_write_tokens(), 10);
  EXPECT_EQ(sum.reasoning_tokens(), 12);
  EXPECT_FALSE(sum.estimated());
}

TEST(TokenSumsTest, AddsEveryCount) {
  pb::UsageTotals totals;
  AddUsage(SomeUsage(), totals);
  AddUsage(SomeUsage(), totals);
  ExpectTwice(totals);
  pb::Usage usage = SomeUsage();
  AddUsage(SomeUsage(), usage);
  ExpectTwice(usage);
}

TEST(TokenSumsTest, ASumIsAnEstimateIfOnePartIs) {
  pb::Usage guess = SomeUsage();
  guess.set_estimated(true);
  pb::UsageTotals totals;
  AddUsage(guess, totals);
  AddUsage(SomeUsage(), totals);
  EXPECT_TRUE(totals.estimated());
}

TEST(TokenSumsTest, ASumStopsAtTheLargestNumber) {
  pb::Usage usage = SomeUsage();
  usage.set_total_tokens(std::numeric_limits<int32_t>::max() - 1);
  AddUsage(SomeUsage(), usage);
  EXPECT_EQ(usage.total_tokens(), std::numeric_limits<int32_t>::max());
  pb::UsageTotals totals;
  totals.set_total_tokens(std::numeric_limits<int64_t>::max() - 1);
  AddUsage(SomeUsage(), totals);
  EXPECT_EQ(totals.total_tokens(), std::numeric_limits<int64_t>::max());
}

TEST(TokenSumsTest, ASumOfCallsGoesBeyondTheCountsOfOne) {
  pb::Usage usage = SomeUsage();
  usage.set_total_tokens(2'000'000'000);
  pb::UsageTotals totals;
  for (int i = 0; i < 3; ++i) AddUsage(usage, totals);
  EXPECT_EQ(totals.total_tokens(), 6'000'000'000);
}

}  // namespace
}  // namespace holysheep
