#include "policy/token_estimate.h"

#include "gtest/gtest.h"

namespace holysheep {
namespace {

TEST(TokenEstimateTest, IsAQuarterOfTheBytesRoundedUp) {
  EXPECT_EQ(EstimateTokens(0), 0);
  EXPECT_EQ(EstimateTokens(1), 1);
  EXPECT_EQ(EstimateTokens(4), 1);
  EXPECT_EQ(EstimateTokens(5), 2);
  EXPECT_EQ(EstimateTokens(4'000'000), 1'000'000);
}

}  // namespace
}  // namespace holysheep
