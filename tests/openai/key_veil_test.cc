#include "openai/key_veil.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

constexpr absl::string_view kKey = "hs-Live-0123456789abcdefGHIJ";
constexpr absl::string_view kOther = "another+KEY/with=signs~567";

const KeyVeil& TheVeil() {
  static const KeyVeil veil({kKey, "", kOther});
  return veil;
}

std::string Hidden(absl::string_view text) { return TheVeil().Hide(text); }

std::string Percent(absl::string_view text, size_t every = 1) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i % every == 0) {
      absl::StrAppend(&out, "%", absl::BytesToHexString(text.substr(i, 1)));
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string Between(absl::string_view text, absl::string_view separator) {
  return absl::StrJoin(std::vector<char>(text.begin(), text.end()), separator,
                       [](std::string* out, char c) { *out += c; });
}

TEST(KeyVeilTest, AnyEightCharactersInARowAreHidden) {
  for (size_t at = 0; at + KeyVeil::kTelling <= kKey.size(); ++at) {
    const absl::string_view part = kKey.substr(at, KeyVeil::kTelling);
    EXPECT_EQ(Hidden(absl::StrCat("no ", part, ", no")), "no [key], no");
    EXPECT_EQ(Hidden(absl::AsciiStrToUpper(part)), "[key]");
    EXPECT_EQ(Hidden(absl::AsciiStrToLower(part)), "[key]");
    EXPECT_EQ(Hidden(absl::BytesToHexString(part)), "[key]");
    EXPECT_EQ(Hidden(absl::StrCat("f", absl::BytesToHexString(part), "0")),
              "[key]");
    EXPECT_EQ(Hidden(absl::AsciiStrToUpper(absl::BytesToHexString(part))),
              "[key]");
    EXPECT_THAT(Hidden(Percent(part)), "[key]");
    EXPECT_THAT(Hidden(Percent(Percent(part, 2))), "[key]");
  }
}

TEST(KeyVeilTest, SevenCharactersMayBeSeen) {
  const std::string part(kKey.substr(0, KeyVeil::kTelling - 1));
  for (const std::string& said :
       {part, absl::BytesToHexString(part), absl::Base64Escape(part),
        absl::StrCat(part, "!", kKey.substr(20, KeyVeil::kTelling - 1))}) {
    EXPECT_EQ(Hidden(said), said);
  }
}

TEST(KeyVeilTest, Base64IsHiddenAtEveryAlignmentAndInBothAlphabets) {
  for (const absl::string_view before : {"", "u", "us", "user:"}) {
    for (const absl::string_view after : {"", "~", "~?>"}) {
      for (size_t at = 0; at + KeyVeil::kTelling <= kOther.size(); ++at) {
        const std::string plain =
            absl::StrCat(before, kOther.substr(at, KeyVeil::kTelling), after);
        std::string addresses;
        absl::WebSafeBase64Escape(plain, &addresses);
        EXPECT_EQ(Hidden(absl::Base64Escape(plain)), "[key]") << plain;
        EXPECT_EQ(Hidden(addresses), "[key]") << plain;
        EXPECT_EQ(Hidden(absl::StrCat("Basic x", addresses)), "Basic [key]");
      }
    }
  }
}

TEST(KeyVeilTest, WhatStandsBetweenTheCharactersHidesNothing) {
  for (const absl::string_view separator :
       {" ", "\n", "\t", "\r\n", "\xe2\x80\x8b", "\xef\xbb\xbf", "\xc2\xa0",
        "%20", "\\u200b", "\\n"}) {
    EXPECT_FALSE(TheVeil().Shows("a b c"));
    EXPECT_TRUE(TheVeil().Shows(Between(kKey.substr(3, 8), separator)))
        << separator;
  }
  EXPECT_EQ(Hidden(Between(absl::BytesToHexString(kKey), ":")), "[key]");
  EXPECT_EQ(Hidden("\\u0068\\u0073\\u002d\\u004c\\u0069\\u0076\\u0065\\u002d"),
            "[key]");
  EXPECT_EQ(Hidden("&#104;&#x73;&#45;&#76;&#105;&#118;&#0101;&#45;"), "[key]");
}

TEST(KeyVeilTest, NoLanguagesEscapesHideAnything) {
  for (const absl::string_view said :
       {"%u0068%u0073%u002d%u004c%u0069%u0076%u0065%u002d",
        "\\U00000068s-\\U0000004cive-0", "\\u{68}s-\\u{04c}ive-0",
        "\\150\\163\\055\\114\\151\\166\\145\\055",
        "0x68, 0x73, 0x2d, 0x4C, 0x69, 0x76, 0x65, 0x2d", "0x68732d4c6976652d",
        "another&plus;KEY&sol;with&equals;signs"}) {
    EXPECT_TRUE(TheVeil().Shows(said)) << said;
  }
}

TEST(KeyVeilTest, AKeyThatHoldsEscapesIsHiddenAsItIsAndEscaped) {
  for (const absl::string_view key :
       {"a1%62b2%63c3%64d4%65e5", "k9&amp;j8&#55;i7&lt;h6",
        "z\\u0041y\\x42x\\nw\\\"r\\/q", "%41%42%43%44%45%46%47"}) {
    const KeyVeil veil({key});
    EXPECT_EQ(veil.Hide(key), "[key]");
    for (size_t at = 0; at + KeyVeil::kTelling <= key.size(); ++at) {
      const absl::string_view part = key.substr(at, KeyVeil::kTelling);
      for (const std::string& said :
           {std::string(part), Percent(part), absl::BytesToHexString(part),
            absl::Base64Escape(absl::StrCat("u:", part, "..")),
            absl::CEscape(part)}) {
        EXPECT_TRUE(veil.Shows(said)) << said;
      }
    }
    EXPECT_TRUE(veil.Shows(Percent(key, 2))) << Percent(key, 2);
  }
}

TEST(KeyVeilTest, AKeyWithBlanksIsHiddenWithThemAndWithoutThem) {
  const KeyVeil veil({"a!b c,d e;f"});
  EXPECT_EQ(veil.Hide("key a!b c,d e;f is wrong"), "key [key] is wrong");
  EXPECT_EQ(veil.Hide("!b c,d e"), "[key]");
  EXPECT_TRUE(veil.Shows("a!bc,de;f"));
}

TEST(KeyVeilTest, TheWholeWordGoes) {
  EXPECT_EQ(Hidden(absl::StrCat("(key=", kKey.substr(0, 12), "...xyz, no)")),
            "([key], no)");
  EXPECT_EQ(Hidden(absl::StrCat(kKey, " and ", kOther, "; ", kKey)),
            "[key] and [key]; [key]");
}

TEST(KeyVeilTest, WhatIsNoKeyStays) {
  for (const absl::string_view text :
       {"", "temperature is too big",
        "aGVsbG8gd29ybGQgYW5kIG1vcmU=", "68656c6c6f20776f726c64",
        "100% of %20 \\ \\u \\u12 &# &#x; %zz \\x", "\xff\xfe\xc3"}) {
    EXPECT_EQ(Hidden(text), text);
    EXPECT_EQ(KeyVeil().Hide(text), text);
    EXPECT_EQ(KeyVeil({"short"}).Hide(text), text);
  }
}

TEST(KeyVeilTest, ALongTextIsHiddenWhereverTheKeyStands) {
  const std::string percent = Percent(kKey);
  for (size_t before = 14'000; before < 16'700; before += 37) {
    const std::string text =
        absl::StrCat(std::string(before, '.'), " ", percent, " ",
                     std::string(40'000, 'x'), " ", kKey);
    EXPECT_EQ(Hidden(text), absl::StrCat(std::string(before, '.'), " [key] ",
                                         std::string(40'000, 'x'), " [key]"));
  }
}

}  // namespace
}  // namespace holysheep
