#include "json/fitting_value.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

using testing::HasSubstr;

std::unique_ptr<const JsonSchema> Numbered() {
  return JsonSchema::Compile(
             R"({"type":"object","required":["n"],"properties":{"n":{"type":)"
             R"("integer"}},"additionalProperties":false})")
      .value();
}

std::string ComplaintAbout(absl::string_view text) {
  const FittingValue found = FindFittingValue(*Numbered(), text);
  EXPECT_EQ(found.json, "") << text;
  EXPECT_FALSE(found.complaint.ok()) << text;
  return std::string(found.complaint.message());
}

TEST(FittingValueTest, TheOneValueThatFitsIsTheAnswer) {
  const auto schema = Numbered();
  const std::pair<absl::string_view, absl::string_view> cases[] = {
      {R"({"n":1})", R"({"n":1})"},
      {R"(Not {"m":2} nor [3], but {"n": 1}!)", R"({"n": 1})"},
      {R"(```json
{"n":1}
```
Where {"type":"object"} asks for `n`.)",
       R"({"n":1})"},
  };
  for (const auto& [text, value] : cases) {
    const FittingValue found = FindFittingValue(*schema, text);
    EXPECT_TRUE(found.complaint.ok()) << text << found.complaint;
    EXPECT_EQ(found.json, value);
    EXPECT_EQ(FindFittingValueQuickly(*schema, text).value().json, value);
  }
}

TEST(FittingValueTest, SeveralValuesThatFitAreNoneUnlessTheyAreEqual) {
  EXPECT_THAT(ComplaintAbout(R"({"n":1} or {"n":2})"), HasSubstr("several"));
  EXPECT_THAT(ComplaintAbout(R"({"n":1} or {"n":1.0})"), HasSubstr("several"));
  EXPECT_EQ(
      FindFittingValue(*Numbered(), R"({"n":1}, that is { "n" : 1 })").json,
      R"({"n":1})");
}

TEST(FittingValueTest, TheComplaintIsThatOfTheLastValue) {
  EXPECT_THAT(ComplaintAbout(R"([] and {"n":"x"})"), HasSubstr("/n"));
  EXPECT_THAT(ComplaintAbout("sorry"), HasSubstr("is not valid JSON"));
  EXPECT_THAT(ComplaintAbout(R"([{"n":1}])"), HasSubstr("the whole"));
}

TEST(FittingValueTest, TooManyValuesAreNone) {
  std::string text = R"({"n":1})";
  for (int i = 0; i < 64; ++i) absl::StrAppend(&text, " {}");
  EXPECT_THAT(ComplaintAbout(text), HasSubstr("too many"));
}

TEST(FittingValueTest, AScalarFitsASchemaOfScalars) {
  const auto schema = JsonSchema::Compile(R"({"enum":["yes","no"]})").value();
  EXPECT_EQ(FindFittingValue(*schema, "```json\n\"yes\"\n```").json, "\"yes\"");
  EXPECT_FALSE(FindFittingValue(*schema, "yes").complaint.ok());
}

TEST(FittingValueTest, WhatTakesLongIsNotBegunOnTheLoop) {
  const auto schema = Numbered();
  EXPECT_EQ(FindFittingValueQuickly(*schema, std::string(20'000, ' ')),
            std::nullopt);
  EXPECT_EQ(FindFittingValueQuickly(*schema, "{} {} {} {} {}"), std::nullopt);
}

}  // namespace
}  // namespace holysheep
