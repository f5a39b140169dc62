#include "policy/money.h"

#include <limits>
#include <string>

#include "base/errors.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

Money Dollars(absl::string_view text) { return Money::Parse(text).value(); }

TEST(MoneyTest, ReadsPlainDecimalsExactly) {
  const struct {
    absl::string_view text;
    absl::int128 picos;
  } kCases[] = {
      {"0", 0},
      {"0.0", 0},
      {"1", 1'000'000'000'000},
      {"0.42", 420'000'000'000},
      {"10.00", 10'000'000'000'000},
      {"007.5", 7'500'000'000'000},
      {"0.000000000001", 1},
      {"999999999999.999999999999",
       absl::int128(1'000'000'000'000) * 1'000'000'000'000 - 1},
  };
  for (const auto& test : kCases) {
    const absl::StatusOr<Money> money = Money::Parse(test.text);
    ASSERT_TRUE(money.ok()) << test.text;
    EXPECT_EQ(money->picos(), test.picos) << test.text;
  }
}

TEST(MoneyTest, RefusesWhatIsNotAPlainDecimal) {
  for (const absl::string_view text : {"",
                                       ".",
                                       ".5",
                                       "5.",
                                       "-1",
                                       "+1",
                                       " 1",
                                       "1 ",
                                       "1. 5",
                                       "1,5",
                                       "1e3",
                                       "0x10",
                                       "1.2.3",
                                       "$1",
                                       "one",
                                       "1.-5",
                                       "1.+5",
                                       "nan",
                                       "inf",
                                       "1234567890123",
                                       "0.1234567890123"}) {
    const absl::StatusOr<Money> money = Money::Parse(text);
    ASSERT_FALSE(money.ok()) << text;
    EXPECT_EQ(ReasonOf(money.status()), Reason::kInvalidArgument) << text;
  }
}

TEST(MoneyTest, IsWrittenWithoutSuperfluousZeros) {
  const struct {
    absl::int128 picos;
    absl::string_view text;
  } kCases[] = {
      {0, "0"},
      {1, "0.000000000001"},
      {12'600'000, "0.0000126"},
      {500'000'000'000, "0.5"},
      {12'500'000'000'000, "12.5"},
      {100'000'000'000'000, "100"},
      {-1, "-0.000000000001"},
      {-12'500'000'000'000, "-12.5"},
      {absl::int128(1'000'000'000'000) * 1'000'000'000'000, "1000000000000"},
  };
  for (const auto& test : kCases) {
    EXPECT_EQ(Money::FromPicos(test.picos).ToString(), test.text);
  }
}

TEST(MoneyTest, IsReadBackAsItWasWritten) {
  for (const absl::string_view text :
       {"0", "0.42", "8", "0.0000126", "123456789012.123456789012"}) {
    EXPECT_EQ(Dollars(text).ToString(), text);
  }
}

TEST(MoneyTest, ALargeSumIsReadBackToo) {
  for (const absl::string_view text :
       {"2000000000000.5", "-9999999999999999.999999999999"}) {
    const absl::StatusOr<Money> sum = Money::ParseSigned(text);
    ASSERT_TRUE(sum.ok()) << sum.status();
    EXPECT_EQ(sum->ToString(), text);
  }
  EXPECT_FALSE(Money::ParseSigned("12345678901234567").ok());
}

TEST(MoneyTest, AddsWithoutTheErrorsOfBinaryFractions) {
  Money sum;
  for (int i = 0; i < 1'000'000; ++i) sum += Dollars("0.1");
  EXPECT_EQ(sum, Dollars("100000"));
  EXPECT_EQ(Dollars("0.1") + Dollars("0.2"), Dollars("0.3"));
  EXPECT_EQ(Dollars("0.3") - Dollars("0.1"), Dollars("0.2"));
}

TEST(MoneyTest, ADifferenceMayBeNegative) {
  const Money difference = Dollars("1") - Dollars("1.5");
  EXPECT_EQ(difference.ToString(), "-0.5");
  EXPECT_LT(difference, Money());
}

TEST(MoneyTest, IsTheNearestDoubleForPeople) {
  EXPECT_EQ(Dollars("0.42").ToDouble(), 0.42);
  EXPECT_EQ(Dollars("1234567.25").ToDouble(), 1234567.25);
}

TEST(PriceOfTest, IsExactForPricesOfUpToSixDecimals) {
  const struct {
    int64_t tokens;
    absl::string_view per_million;
    absl::string_view price;
  } kCases[] = {
      {0, "0.42", "0"},
      {1, "0.42", "0.00000042"},
      {30, "0.42", "0.0000126"},
      {1, "0.000001", "0.000000000001"},
      {7, "0.123457", "0.000000864199"},
      {1'000'000, "60", "60"},
      {123'456'789, "15", "1851.851835"},
      {1000, "0", "0"},
  };
  for (const auto& test : kCases) {
    EXPECT_EQ(PriceOf(test.tokens, Dollars(test.per_million)).ToString(),
              test.price);
  }
}

TEST(PriceOfTest, DropsWhatIsLessThanAPicoDollar) {
  EXPECT_EQ(PriceOf(3, Dollars("0.0000005")).picos(), 1);
}

TEST(PriceOfTest, TheLargestCountAtTheLargestPriceDoesNotOverflow) {
  const int64_t most = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(PriceOf(most, Dollars("999999000000")).picos(),
            absl::int128(most) * 999'999'000'000'000'000);
}

}  // namespace
}  // namespace holysheep
