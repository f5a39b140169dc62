#include "jobs/template.h"

#include "base/errors.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

const std::vector<std::string> kSteps = {"draft", "step1"};
const std::vector<std::string> kOutputs = {"a draft", "an output"};

std::string Render(absl::string_view text) {
  const auto prompt = PromptTemplate::Parse(text, kSteps);
  EXPECT_TRUE(prompt.ok()) << prompt.status();
  return prompt.ok() ? prompt->Render("the query", kOutputs, 1000).value() : "";
}

TEST(TemplateTest, FillsInTheQueryAndEarlierOutputs) {
  EXPECT_EQ(Render("{{query}}"), "the query");
  EXPECT_EQ(Render("Shorten: {{steps.draft.output}}!"), "Shorten: a draft!");
  EXPECT_EQ(Render("{{steps.step1.output}}{{query}}"), "an outputthe query");
  EXPECT_EQ(Render("{{ query }} {{  steps.draft.output}}"),
            "the query a draft");
}

TEST(TemplateTest, LeavesEverythingElseAsItIs) {
  EXPECT_EQ(Render("no reference"), "no reference");
  EXPECT_EQ(Render("{query} }} {\"a\": {}}"), "{query} }} {\"a\": {}}");
}

TEST(TemplateTest, WhatIsFilledInIsNotReadAgain) {
  const auto prompt = PromptTemplate::Parse("{{query}}", kSteps);
  EXPECT_EQ(*prompt->Render("{{steps.draft.output}}", kOutputs, 100),
            "{{steps.draft.output}}");
}

TEST(TemplateTest, RefusesEveryOtherReference) {
  for (const char* text :
       {"{{quer}}", "{{}}", "{{Query}}", "{{steps.draft}}", "{{steps.}}",
        "{{steps..output}}", "{{steps.later.output}}", "{{draft.output}}",
        "{{steps.draft.output.length}}", "{{query | upper}}", "{{query",
        "{{{query}}}", "{{steps.draft .output}}"}) {
    EXPECT_FALSE(PromptTemplate::Parse(text, kSteps).ok()) << text;
  }
}

TEST(TemplateTest, ARefusalShowsTheReferenceButNotAllOfALongOne) {
  const absl::Status status =
      PromptTemplate::Parse("{{steps.later.output}}", kSteps).status();
  EXPECT_NE(status.message().find("{{steps.later.output}}"),
            absl::string_view::npos);
  const absl::Status long_one =
      PromptTemplate::Parse("{{" + std::string(5000, 'x') + "}}", kSteps)
          .status();
  EXPECT_LT(long_one.message().size(), 300u);
}

TEST(TemplateTest, SaysWhetherTheQueryIsUsed) {
  EXPECT_TRUE(PromptTemplate::Parse("a {{query}}", kSteps)->uses_query());
  EXPECT_FALSE(
      PromptTemplate::Parse("{{steps.draft.output}}", kSteps)->uses_query());
}

TEST(TemplateTest, WhatGrowsTooLongIsRefused) {
  const auto prompt = PromptTemplate::Parse("{{query}}{{query}}", kSteps);
  EXPECT_TRUE(prompt->Render("12345", kOutputs, 10).ok());
  EXPECT_EQ(ReasonOf(prompt->Render("123456", kOutputs, 10).status()),
            Reason::kContextLength);
}

}  // namespace
}  // namespace holysheep
