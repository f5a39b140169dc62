#include "base/utf8.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

TEST(Utf8Test, ABoundCutsBetweenCharacters) {
  EXPECT_EQ(BoundedUtf8("abc", 3), "abc");
  EXPECT_EQ(BoundedUtf8("abc", 2), "ab");
  EXPECT_EQ(BoundedUtf8("a\xC3\xA4", 2), "a");
  EXPECT_EQ(BoundedUtf8("\xF0\x9F\x90\x91!", 4), "\xF0\x9F\x90\x91");
  EXPECT_EQ(BoundedUtf8("\xF0\x9F\x90\x91", 3), "");
}

TEST(Utf8Test, EachByteThatIsNoUtf8BecomesAQuestionMark) {
  EXPECT_EQ(BoundedUtf8("a\xFF", 9), "a?");
  EXPECT_EQ(BoundedUtf8("\xC3(", 9), "?(");
  EXPECT_EQ(BoundedUtf8("\xE3\x80", 9), "??");       // cut short
  EXPECT_EQ(BoundedUtf8("\xC0\xAF", 9), "??");       // overlong
  EXPECT_EQ(BoundedUtf8("\xE0\x80\xAF", 9), "???");  // overlong
  EXPECT_EQ(BoundedUtf8("\xED\xA0\x80", 9), "???");  // half a surrogate pair
  EXPECT_EQ(BoundedUtf8("\xF4\x90\x80\x80", 9), "????");  // beyond U+10FFFF
}

std::string Joined(const std::vector<absl::string_view>& pieces) {
  Utf8Joiner joiner;
  std::string text;
  for (const absl::string_view piece : pieces) {
    text += std::string(joiner.Add(piece)) + "|";
  }
  return text + std::string(joiner.End());
}

constexpr char kThumb[] = "\xF0\x9F\x91\x8D";

TEST(Utf8Test, HalvesOfACharacterAreJoinedWhereverTheyAreCut) {
  EXPECT_EQ(Joined({"a\xC3", "\xA4", "b"}), "a|\xC3\xA4|b|");
  EXPECT_EQ(Joined({"\xF0", "\x9F", "\x91", "\x8D"}),
            std::string("||||").insert(3, kThumb));
  // The halves of a surrogate pair, each in three bytes.
  EXPECT_EQ(Joined({"a\xED\xA0\xBD", "\xED\xB1\x8D!"}),
            absl::StrCat("a|", kThumb, "!|"));
  EXPECT_EQ(Joined({"\xED\xA0\xBD\xED\xB1\x8D"}), absl::StrCat(kThumb, "|"));
  EXPECT_EQ(Joined({"\xED\xA0\xBD\xED", "\xB1\x8D"}),
            absl::StrCat("|", kThumb, "|"));
}

TEST(Utf8Test, WhatBelongsToNoCharacterIsReplaced) {
  EXPECT_EQ(Joined({"caf\xC3", " b"}), "caf|\xEF\xBF\xBD b|");
  EXPECT_EQ(Joined({"a\xED\xA0\xBD", "b"}),
            "a|\xEF\xBF\xBD"
            "b|");
  EXPECT_EQ(Joined({"\xED\xB1\x8D"}), "\xEF\xBF\xBD|");
  EXPECT_EQ(Joined({"a\xE3\x80"}), "a|\xEF\xBF\xBD");
  EXPECT_EQ(Joined({"\xFF\x80z"}), "\xEF\xBF\xBD\xEF\xBF\xBDz|");
  EXPECT_EQ(ValidUtf8("\xC3"), "\xEF\xBF\xBD");
}

TEST(Utf8Test, WhiteSpaceOfAnyScriptIsBlank) {
  EXPECT_TRUE(IsBlank(""));
  EXPECT_TRUE(IsBlank(" \t\r\n\v\f"));
  EXPECT_TRUE(IsBlank("\xC2\xA0"));      // no-break space
  EXPECT_TRUE(IsBlank("\xE3\x80\x80"));  // ideographic space
  EXPECT_TRUE(IsBlank("\xE2\x80\x83 \xE2\x80\xA8"));
}

TEST(Utf8Test, AnythingElseIsNot) {
  EXPECT_FALSE(IsBlank(" a "));
  EXPECT_FALSE(IsBlank("\xE3\x80\x81"));
  EXPECT_FALSE(IsBlank("\xE3\x80"));
  EXPECT_FALSE(IsBlank(absl::string_view("\0", 1)));
}

TEST(Utf8Test, Utf8IsToldFromOtherBytes) {
  EXPECT_TRUE(IsUtf8(""));
  EXPECT_TRUE(IsUtf8("Töne 羊 \xF0\x9F\x90\x91"));
  EXPECT_FALSE(IsUtf8("T\xF6ne"));
  EXPECT_FALSE(IsUtf8("cut \xE7\xBE"));
  EXPECT_FALSE(IsUtf8("\xC0\x80"));
  EXPECT_FALSE(IsUtf8("\xED\xA0\x80"));
  EXPECT_FALSE(IsUtf8("\xF5\x80\x80\x80"));
}

}  // namespace
}  // namespace holysheep
