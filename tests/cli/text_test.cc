#include "cli/terminal/text.h"

#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

TEST(TextTest, NoControlCharacterReachesTheTerminal) {
  EXPECT_EQ(ForTerminal("a\x1b[31mb\r\x07\x7f"), "a?[31mb???");
  EXPECT_EQ(ForTerminal("csi \xC2\x9B end"), "csi ? end");
}

TEST(TextTest, LinesTabsAndUnicodeStay) {
  EXPECT_EQ(ForTerminal("zwei\tTöne\n羊\xC2\xA0"), "zwei\tTöne\n羊\xC2\xA0");
}

TEST(TextTest, OneLineHasNoLineEnds) {
  EXPECT_EQ(OneLine(" a\nb\tc\n"), "a b c");
}

TEST(TextTest, DecimalsAreRoundedHalfUpWithoutLosingDigits) {
  EXPECT_EQ(RoundDecimal("0.00005", 4), "0.0001");
  EXPECT_EQ(RoundDecimal("0.00004999999999999999999", 4), "0.0000");
  EXPECT_EQ(RoundDecimal("9.99995", 4), "10.0000");
  EXPECT_EQ(RoundDecimal("99999999999999999999.00005", 4),
            "99999999999999999999.0001");
  EXPECT_EQ(RoundDecimal("12", 4), "12.0000");
  EXPECT_EQ(RoundDecimal(".5", 0), "1");
  EXPECT_EQ(RoundDecimal("0.4", 0), "0");
}

TEST(TextTest, ANegativeAmountKeepsItsSignUnlessItRoundsToZero) {
  EXPECT_EQ(RoundDecimal("-1.25", 1), "-1.3");
  EXPECT_EQ(RoundDecimal("-0.00001", 4), "0.0000");
}

TEST(TextTest, WhatIsNoDecimalIsShownAsItIs) {
  EXPECT_EQ(RoundDecimal("1e5", 4), "1e5");
  EXPECT_EQ(RoundDecimal("1.2.3", 4), "1.2.3");
  EXPECT_EQ(RoundDecimal("", 4), "");
  EXPECT_EQ(RoundDecimal(".", 4), ".");
}

TEST(TextTest, MoneyHasFourDecimalsAndItsCurrency) {
  EXPECT_EQ(MoneyText("0.00051828", "USD"), "0.0005 USD");
  EXPECT_EQ(MoneyText("", ""), "0.0000");
}

TEST(TextTest, LargeNumbersAreGrouped) {
  EXPECT_EQ(Grouped(0), "0");
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(1000), "1,000");
  EXPECT_EQ(Grouped(1234567), "1,234,567");
  EXPECT_EQ(Grouped(-123456), "-123,456");
}

TEST(TextTest, TimesHaveAUnitThatFits) {
  EXPECT_EQ(Millis(0), "0 ms");
  EXPECT_EQ(Millis(0.04242), "0.042 ms");
  EXPECT_EQ(Millis(0.99951), "1.00 ms");
  EXPECT_EQ(Millis(9.996), "10.0 ms");
  EXPECT_EQ(Millis(42.3), "42.3 ms");
  EXPECT_EQ(Millis(999.97), "1.00 s");
  EXPECT_EQ(Millis(61'500), "61.50 s");
}

TEST(TextTest, ASavingNeedsAnOfficialPrice) {
  EXPECT_EQ(SavingPercent("0.42", "2.80"), "85.0 %");
  EXPECT_EQ(SavingPercent("0", "2.80"), "100.0 %");
  EXPECT_EQ(SavingPercent("1", "0"), "");
  EXPECT_EQ(SavingPercent("1", ""), "");
}

}  // namespace
}  // namespace holysheep::cli
