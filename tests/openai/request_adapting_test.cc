#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"
#include "openai/encoding.h"

namespace holysheep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using RequestAdaptingTest = EncodingTest;

TEST_F(RequestAdaptingTest, WhatAModelCannotTakeIsRefusedByField) {
  const std::pair<const char*, const char*> cases[] = {
      {"parts { image { url: 'u' } }", "messages[1].parts[1].image"},
      {"parts { audio { url: 'u' } }", "messages[1].parts[1].audio"},
      {"parts { video { url: 'u' } }", "messages[1].parts[1].video"},
      {"parts { document { url: 'u' } }", "messages[1].parts[1].document"},
      {"tool_calls { id: 'c' }", "messages[1].tool_calls"},
  };
  for (const auto& [member, field] : cases) {
    const auto encoded =
        Encode(std::string("messages { role: SYSTEM parts { text: 's' } }"
                           "messages { role: USER parts { text: 't' } ") +
                   member + "}",
               "none");
    ASSERT_FALSE(encoded.ok()) << field;
    EXPECT_EQ(ReasonOf(encoded.status()), Reason::kInvalidArgument);
    EXPECT_EQ(DetailsOf(encoded.status()).field, field);
    EXPECT_THAT(std::string(encoded.status().message()),
                HasSubstr("these models do: all, gpt-x"));
  }
  EXPECT_EQ(DetailsOf(Encode(kTool, "none").status()).field, "tools");
}

TEST_F(RequestAdaptingTest, OfVeryManyWarningsTheRestIsCounted) {
  std::string text;
  for (int i = 0; i < 100; ++i) {
    text += "messages { role: DEVELOPER parts { text: 't' } }";
  }
  const auto encoded = Encode(text);
  ASSERT_TRUE(encoded.ok());
  ASSERT_EQ(encoded->warnings.size(), 33u);
  EXPECT_EQ(encoded->warnings.back(), "and 68 more warnings of this kind");
}

TEST_F(RequestAdaptingTest, WhatCanBeAdaptedIsAdaptedWithAWarning) {
  const auto reasoning =
      Encode("query: 'q' reasoning { effort: 'low' }", "none");
  ASSERT_TRUE(reasoning.ok());
  EXPECT_THAT(reasoning->body, Not(HasSubstr("effort")));
  EXPECT_THAT(reasoning->warnings,
              ElementsAre(HasSubstr("reasoning was dropped")));

  const auto history =
      Encode("messages { role: ASSISTANT reasoning: 'r' parts { text: 't' } }",
             "none");
  EXPECT_THAT(history->warnings,
              ElementsAre(HasSubstr("messages[0].reasoning was dropped")));

  const auto parallel = Encode("query: 'q' parallel_tool_calls: true");
  EXPECT_THAT(parallel->body, Not(HasSubstr("parallel")));
  EXPECT_THAT(parallel->warnings,
              ElementsAre(HasSubstr("parallel_tool_calls was dropped")));
}

TEST_F(RequestAdaptingTest, ParallelToolCallsNeedAModelThatLetsOneChoose) {
  std::vector<ModelInfo> models(1);
  models[0].id = "m";
  models[0].capabilities = Bits({Capability::kTools});
  catalog_ = std::make_shared<Catalog>(models, "m");
  const auto encoded =
      Encode(std::string(kTool) + "parallel_tool_calls: true", "m");
  ASSERT_TRUE(encoded.ok());
  EXPECT_THAT(encoded->body, Not(HasSubstr("parallel")));
  EXPECT_THAT(encoded->warnings, testing::SizeIs(1));
}

TEST_F(RequestAdaptingTest, JsonIsAskedForInThePromptWhereThereIsNoOtherWay) {
  const std::string format = "response_format { type: JSON_OBJECT }";
  EXPECT_THAT(Messages("query: 'q' " + format, "none"),
              HasSubstr(R"({"role":"system","content":"Answer with one JSON)"));
  EXPECT_THAT(Messages("query: 'q' system_prompt: 's' " + format, "none"),
              HasSubstr(R"("content":"s\n\nAnswer with one JSON)"));
  EXPECT_THAT(
      Messages("messages { role: SYSTEM parts { text: 's' } }" + format,
               "none"),
      HasSubstr(R"([{"role":"system","content":"s\n\nAnswer with one)"));
  EXPECT_THAT(
      Messages("messages { role: USER parts { text: 'u' } }" + format, "none"),
      HasSubstr(R"([{"role":"system","content":"Answer with one)"));
  const auto encoded = Encode("query: 'q' " + format, "none");
  EXPECT_THAT(encoded->body, Not(HasSubstr("response_format")));
  EXPECT_THAT(encoded->warnings, testing::SizeIs(1));
}

TEST_F(RequestAdaptingTest, ASchemaGoesIntoThePromptWhereThereIsNoOtherWay) {
  std::vector<ModelInfo> models(1);
  models[0].id = "m";
  models[0].capabilities = Bits({Capability::kJsonObject});
  catalog_ = std::make_shared<Catalog>(models, "m");
  const std::string text = R"(query: 'q' response_format { type: JSON_SCHEMA
                              schema_json: '{"type":"object"}' })";
  EXPECT_THAT(Messages(text, "m"), HasSubstr(R"({\"type\":\"object\"})"));
  EXPECT_EQ(Member(text, "response_format", "m"), R"({"type":"json_object"})");
  EXPECT_THAT(Encode(text, "m")->warnings, testing::SizeIs(1));
}

TEST_F(RequestAdaptingTest, OnlyOpenAisModelsKnowDevelopers) {
  const std::string text = "messages { role: DEVELOPER parts { text: 'd' } }";
  EXPECT_THAT(Messages(text, "gpt-x"), HasSubstr(R"("role":"developer")"));
  EXPECT_THAT(Messages(text, "all"), HasSubstr(R"("role":"system")"));
  EXPECT_THAT(Encode(text, "all")->warnings,
              ElementsAre(HasSubstr("messages[0].role")));
}

TEST_F(RequestAdaptingTest, AModelOutsideTheCatalogIsTriedWithAWarning) {
  const auto encoded = Encode(kTool, "new-model");
  ASSERT_TRUE(encoded.ok());
  EXPECT_THAT(encoded->body, HasSubstr(R"("model":"new-model")"));
  EXPECT_THAT(encoded->warnings,
              ElementsAre(HasSubstr("not in the catalog, and is priced at "
                                    "1.00")));
}

}  // namespace
}  // namespace holysheep
