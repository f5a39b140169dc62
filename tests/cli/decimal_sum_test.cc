#include "cli/terminal/decimal_sum.h"

#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

TEST(DecimalSumTest, IsExact) {
  DecimalSum sum;
  for (int i = 0; i < 10; ++i) sum.Add("0.1");
  sum.Add("999999999999");
  sum.Add("0.000000000001");
  EXPECT_EQ(sum.ToString(), "1000000000000.000000000001");
}

TEST(DecimalSumTest, MayBeNegative) {
  DecimalSum sum;
  sum.Add("-0.5");
  sum.Add("0.25");
  EXPECT_EQ(sum.ToString(), "-0.250000000000");
}

TEST(DecimalSumTest, WhatIsNoDecimalCountsNothing) {
  DecimalSum sum;
  for (const char* text : {"", ".", "x", "1e3", "1.x", "0.0000000000001"}) {
    sum.Add(text);
  }
  EXPECT_EQ(sum.ToString(), "0.000000000000");
}

}  // namespace
}  // namespace holysheep::cli
