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
  for (const char* text :
       {"no reference", "{query} }} {\"a\": {}}", "{{}}", "{{", "{{{{",
        "{{nobody}} {{ user.name | upper }}", "{{Query}}", "{{steps}}",
        "\\frac{{a}}{{b}}", "{{\"query\": 1}}", "{{{{ x }}}}",
        "{% for a in b %}{{a}}{% endfor %}"}) {
    EXPECT_EQ(Render(text), text);
  }
}

TEST(TemplateTest, BracesThatAreNoReferenceDoNotHideOne) {
  EXPECT_EQ(Render("Return {{\"n\": 1}} for {{query}}"),
            "Return {{\"n\": 1}} for the query");
  EXPECT_EQ(Render("{{{query}}}"), "{the query}");
  EXPECT_EQ(Render("\\frac{{{ steps.draft.output }}}{{2}}"),
            "\\frac{a draft}{{2}}");
  EXPECT_EQ(Render("{{ {{query}}"), "{{ the query");
  EXPECT_EQ(Render("{\"a\": {\"q\": \"{{query}}\"}}"),
            "{\"a\": {\"q\": \"the query\"}}");
}

TEST(TemplateTest, FourBracesWriteTwoWhereAReferenceIsText) {
  EXPECT_EQ(Render("{{{{query}} is {{query}}"), "{{query}} is the query");
  EXPECT_EQ(Render("{{{{ steps.draft.output }}"), "{{ steps.draft.output }}");
  EXPECT_EQ(Render("{{{{query | upper}}"), "{{query | upper}}");
  EXPECT_EQ(Render("{{{{steps.nobody"), "{{steps.nobody");
  EXPECT_FALSE(PromptTemplate::Parse("{{{{query}}", kSteps)->uses_query());
}

TEST(TemplateTest, WhatIsFilledInIsNotReadAgain) {
  const auto prompt = PromptTemplate::Parse("{{query}}", kSteps);
  EXPECT_EQ(*prompt->Render("{{steps.draft.output}}", kOutputs, 100),
            "{{steps.draft.output}}");
}

TEST(TemplateTest, RefusesAReferenceThatIsMisspelt) {
  for (const char* text :
       {"{{query", "{{query_text}}", "{{query | upper}}", "{{ query.x }}",
        "{{steps.draft}}", "{{steps.}}", "{{steps..output}}",
        "{{steps.later.output}}", "{{steps.draft.output.length}}",
        "{{steps.draft .output}}", "{{steps.draft.output}", "{{a}} {{query}"}) {
    EXPECT_FALSE(PromptTemplate::Parse(text, kSteps).ok()) << text;
  }
}

TEST(TemplateTest, ARefusalShowsTheReferenceButNotAllOfALongOne) {
  const absl::Status status =
      PromptTemplate::Parse("{{steps.later.output}}", kSteps).status();
  EXPECT_NE(status.message().find("{{steps.later.output}}"),
            absl::string_view::npos);
  const absl::Status long_one =
      PromptTemplate::Parse("{{query" + std::string(5000, 'x') + "}}", kSteps)
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
