#include "json/embedded_json.h"

#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "json/json_dom.h"

namespace holysheep {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr char kValue[] = R"({"n":1})";

TEST(EmbeddedJsonTest, OneValueIsFoundInWhateverModelsPutAroundIt) {
  for (const absl::string_view text : {
           R"({"n":1})",
           "\xef\xbb\xbf{\"n\":1}",
           "\xef\xbb\xbf\n\n {\"n\":1}\n",
           "```json\n{\"n\":1}\n```",
           "```JSON\n{\"n\":1}\n```",
           "```Json5\r\n{\"n\":1}\r\n```",
           "```\n{\"n\":1}\n```",
           "```{\"n\":1}```",
           "```json {\"n\":1} ```",
           "```json\n{\"n\":1}",
           "{\"n\":1}\n```",
           "~~~\n{\"n\":1}\n~~~",
           "````json\n{\"n\":1}\n````",
           "Here is the JSON:\n```json\n{\"n\":1}\n```\nHave fun!",
           "json\n{\"n\":1}",
           "JSON:\n{\"n\":1}",
           "Sure! {\"n\":1} is it.",
           "{\"n\":1}\n\nLet me know if you need more.",
           "The set {1, 2} of {name}, see {{x}} [a] and (b): {\"n\":1}",
           "I don't \"know\" {\"n\":1}, it's 5\" long",
           "He said {\"x and then {\"n\":1}",
           "It is in [0, 1) and } or ]: {\"n\":1}",
           "{{\"n\":1}}",
           "{the answer is {\"n\":1}}",
           "function f() { return {\"n\":1}; }",
           "<think>hm</think>\n{\"n\":1}",
           "<think>\n</think>{\"n\":1}",
           "<THINK>maybe {\"n\":2} or {\"n\":</THINK>{\"n\":1}",
           "<think>\"</think>```json\n{\"n\":1}\n```",
           "Well. <thinking>{\"n\":3}</thinking> {\"n\":1}",
           "perhaps {\"n\":3}?\n</think>\n{\"n\":1}",
           "<answer>{\"n\":1}</answer>",
       }) {
    EXPECT_THAT(FindEmbeddedJson(text).values, ElementsAre(kValue)) << text;
  }
}

TEST(EmbeddedJsonTest, ThoughtsInsideAValueAreTheValue) {
  const absl::string_view value =
      R"({"n":"<think>{}</think> ``` \" } ] {","m":[{}]})";
  EXPECT_THAT(FindEmbeddedJson(value).values, ElementsAre(value));
  EXPECT_THAT(FindEmbeddedJson(absl::StrCat("```\n", value, "\n```")).values,
              ElementsAre(value));
}

TEST(EmbeddedJsonTest, SeveralValuesAreFoundInTheirOrder) {
  EXPECT_THAT(
      FindEmbeddedJson(R"(First {"n":1}, then [{"n":2}] or {}.)").values,
      ElementsAre(kValue, R"([{"n":2}])", "{}"));
}

TEST(EmbeddedJsonTest, AScalarCountsWhereItIsAllThatIsSaid) {
  const std::pair<absl::string_view, absl::string_view> cases[] = {
      {" 5\n", "5"},
      {"\"a {} b\"", "\"a {} b\""},
      {"null", "null"},
      {"json\ntrue", "true"},
      {"```json\n-1.5e3\n```", "-1.5e3"},
      {"It is:\n```\n\"b\"\n```\nSo.", "\"b\""},
      {"```json 7```", "7"},
      {"```json\n7", "7"},
      {"<think>6</think>\n7", "7"},
  };
  for (const auto& [text, value] : cases) {
    EXPECT_THAT(FindEmbeddedJson(text).values, ElementsAre(value)) << text;
  }
  for (const absl::string_view text : {"It is 5", "hello\n5", "5 6", "'a'"}) {
    EXPECT_THAT(FindEmbeddedJson(text).values, IsEmpty()) << text;
  }
}

TEST(EmbeddedJsonTest, APartOfABrokenValueIsNoValue) {
  for (const absl::string_view text : {
           "",
           "sorry",
           "{",
           "<think>{\"n\":1}",
           "<think>{\"n\":1}</think>",
           R"({"name":"x","child":{"n":1},})",
           R"({"name":"x","child":{"n":1})",
           R"({"name":"x" "child":{"n":1}})",
           R"({"list":[{"n":1} {"n":2}])",
           R"({'name':'x','child':{"n":1}})",
           R"({name: "x", child: {"n":1}})",
           "{ // a child\n \"child\": {\"n\":1}, }",
           "{ /* a child */ \"child\": {\"n\":1} /* ends */ }",
           R"([{"n":1}, {"n":2})",
           R"([{"n":1}, ...])",
           R"([1, {"n":1})",
           "{\"text\":\"two\nlines\",\"child\":{\"n\":1}}",
           "```json\n{\"name\":\"x\",\"child\":{\"n\":1}\n```",
           R"(Here: {"name": undefined, "child": {"n":1}} and more)",
       }) {
    EXPECT_THAT(FindEmbeddedJson(text).values, IsEmpty()) << text;
  }
}

TEST(EmbeddedJsonTest, MoreValuesThanTheBoundAreLeftOut) {
  std::string text;
  for (size_t i = 0; i < kMaxEmbeddedValues; ++i) absl::StrAppend(&text, "{} ");
  EXPECT_EQ(FindEmbeddedJson(text).values.size(), kMaxEmbeddedValues);
  EXPECT_FALSE(FindEmbeddedJson(text).more);
  absl::StrAppend(&text, "{}");
  EXPECT_EQ(FindEmbeddedJson(text).values.size(), kMaxEmbeddedValues);
  EXPECT_TRUE(FindEmbeddedJson(text).more);
}

std::string Times(size_t count, absl::string_view text) {
  std::string out;
  for (size_t i = 0; i < count; ++i) absl::StrAppend(&out, text);
  return out;
}

TEST(EmbeddedJsonTest, HostileTextTakesLinearTime) {
  constexpr size_t kMany = 100'000;
  for (const absl::string_view piece :
       {"{",        "[",     "\"",   "{\"",    "[\"",       "{\"a\":",
        "{\"a\":[", "[[1],", "[1,[", "[1 [",   "{'",        "{//",
        "{ /*",     "{a",    "{a:",  "<",      "</",        "<think>",
        "</think>", "```",   "~~~",  "```5",   "{\\",       "{\"\\",
        "{}",       "[]]",   "{   ", "[0,1) ", "{\"a\":x ", "<think>{"}) {
    const std::string text = Times(kMany, piece);
    const absl::Time start = absl::Now();
    FindEmbeddedJson(text);
    FindEmbeddedJson(absl::StrCat("x", text, "</think>\"'}"));
    EXPECT_LT(absl::Now() - start, absl::Seconds(5)) << piece;
  }
}

TEST(EmbeddedJsonTest, AValueBehindManyBracesIsFound) {
  const std::string text = absl::StrCat(Times(100'000, "{"), kValue);
  EXPECT_THAT(FindEmbeddedJson(text).values, ElementsAre(kValue));
}

// Values and chatter at random; the same in every run.
class Maker {
 public:
  std::string Value(int levels) {
    switch (levels == 0 ? Below(4) : Below(7)) {
      case 0:
        return Text();
      case 1:
        return absl::StrCat(Below(1000) - 500, ".5e", Below(9));
      case 2:
        return "true";
      case 3:
        return "null";
      case 4:
        return absl::StrCat("[", Value(levels - 1), Blanks(), ",",
                            Value(levels - 1), "]");
      default:
        return Object(levels - 1);
    }
  }
  std::string Object(int levels) {
    return absl::StrCat("{", Blanks(), Text(), Blanks(), ":", Value(levels),
                        ",\"z\":", Value(levels), Blanks(), "}");
  }
  std::string Chatter() {
    static constexpr absl::string_view kWords[] = {
        "Sure",
        "Here's",
        " it is: ",
        "\n",
        "```json\n",
        "```",
        "~~~",
        "{x}",
        "{1, 2}",
        "\"",
        "'",
        "json",
        "\xef\xbb\xbf",
        "}",
        "]",
        "<b>",
        "{",
        "a]",
        "<think>{\"n\":0}, {</think>",
        "5",
        "\\",
        "`x`",
        "caf\xc3\xa9 ",
        ", "};
    std::string text;
    for (int i = Below(6); i > 0; --i) {
      absl::StrAppend(&text, kWords[Below(std::size(kWords))]);
    }
    return text;
  }

 private:
  int Below(int bound) {
    return static_cast<int>(random_() % static_cast<unsigned>(bound));
  }
  std::string Blanks() { return std::string(Below(2), Below(2) ? ' ' : '\n'); }
  std::string Text() {
    static constexpr absl::string_view kTexts[] = {"",        "a",
                                                   "{",       "}",
                                                   "[]",      "\\\"",
                                                   "\\\\",    "```",
                                                   "<think>", "</think>",
                                                   "\\u00e9", "\xc3\xa9",
                                                   "it's",    "{\\\"n\\\":1}"};
    return absl::StrCat("\"", kTexts[Below(std::size(kTexts))],
                        kTexts[Below(std::size(kTexts))], "\"");
  }
  std::mt19937 random_{20261130};
};

TEST(EmbeddedJsonTest, AnyObjectInAnyChatterIsFound) {
  Maker maker;
  for (int i = 0; i < 20'000; ++i) {
    const std::string value = maker.Object(3);
    ASSERT_TRUE(IsJson(value)) << value;
    const std::string text =
        absl::StrCat(maker.Chatter(), "\n", value, "\n", maker.Chatter());
    if (absl::StrContains(value, "</think>") && text[0] != '{') continue;
    EXPECT_THAT(FindEmbeddedJson(text).values,
                testing::Contains(absl::string_view(value)))
        << text;
  }
}

TEST(EmbeddedJsonTest, WhateverIsFoundIsJsonAndInOrder) {
  Maker maker;
  for (int i = 0; i < 20'000; ++i) {
    std::string text =
        absl::StrCat(maker.Chatter(), maker.Value(3), maker.Chatter());
    text = text.substr(0, text.size() - i % 7) + maker.Value(2);
    const char* last = text.data();
    for (const absl::string_view value : FindEmbeddedJson(text).values) {
      EXPECT_TRUE(IsJson(value)) << text;
      EXPECT_GE(value.data(), last) << text;
      last = value.data() + value.size();
    }
  }
}

}  // namespace
}  // namespace holysheep
