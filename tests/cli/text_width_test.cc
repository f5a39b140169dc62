#include "cli/terminal/text_width.h"

#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

TEST(TextWidthTest, LettersOfMostScriptsHaveOneColumn) {
  EXPECT_EQ(Width(""), 0u);
  EXPECT_EQ(Width("T\u00f6ne"), 4u);
  EXPECT_EQ(Width("\u0416\u03a9\u05d0"), 3u);
  EXPECT_EQ(Width("\u2713 \u2026"), 3u);
}

TEST(TextWidthTest, EastAsianCharactersHaveTwo) {
  EXPECT_EQ(Width("\u7f8a\u304c\uc591"), 6u);
  EXPECT_EQ(Width("\uff08a\uff09\u3002"), 7u);
  EXPECT_EQ(Width("\uff71"), 1u);  // half width
  EXPECT_EQ(Width("\U00020000"), 2u);
}

TEST(TextWidthTest, CombiningMarksHaveNone) {
  EXPECT_EQ(Width("e\u0301"), 1u);
  EXPECT_EQ(Width("a\u200bb\ufeff"), 2u);
  EXPECT_EQ(Width("\u0e01\u0e35\u0e48"), 1u);
}

TEST(TextWidthTest, AnEmojiHasTwoHoweverItIsComposed) {
  EXPECT_EQ(Width("\U0001f411"), 2u);
  EXPECT_EQ(Width("\U0001f44d\U0001f3fd"), 2u);
  EXPECT_EQ(Width("\U0001f468\u200d\U0001f469\u200d\U0001f467"), 2u);
  EXPECT_EQ(Width("\U0001f1e9\U0001f1ea"), 2u);
  EXPECT_EQ(Width("\u2764\ufe0f"), 2u);
  EXPECT_EQ(Width("\u2764"), 1u);
}

TEST(TextWidthTest, BytesThatAreNotUtf8HaveOneEach) {
  EXPECT_EQ(Width("\x80\xff"), 2u);
  EXPECT_EQ(Width("\xe7\xbe"), 1u);
}

}  // namespace
}  // namespace holysheep::cli
