#include "intake/routing.h"

#include "base/errors.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

const Catalog& BuiltIn() {
  static const Catalog& catalog =
      *new Catalog(Catalog::BuiltInModels(), "deepseek-v3.2");
  return catalog;
}

// The model that `text`, a request for `auto`, gets.
std::string Routed(const std::string& text,
                   const std::vector<RoutingRule>& rules = {}) {
  pb::InvokeRequest request;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request));
  request.set_model("auto");
  const auto why = RouteModel(BuiltIn(), rules, request);
  EXPECT_TRUE(why.ok()) << why.status();
  EXPECT_FALSE(why->empty());
  return request.model();
}

TEST(RoutingTest, WhatARequestNeedsDecides) {
  EXPECT_EQ(Routed("query: 'a'"), "deepseek-v3.2");
  EXPECT_EQ(Routed("messages {parts {image {url: 'x'}}}"), "gemini-2.5-flash");
  EXPECT_EQ(Routed("query: 'a' response_format {type: JSON_SCHEMA}"),
            "gemini-2.5-flash");
  EXPECT_EQ(Routed("query: 'a' response_format {type: JSON_OBJECT}"),
            "deepseek-v3.2");
  EXPECT_EQ(Routed("query: 'a' reasoning {effort: 'low'}"), "deepseek-v3.2");
  EXPECT_EQ(Routed("query: 'a' tools {name: 'f'} parallel_tool_calls: true"),
            "deepseek-v3.2");
  EXPECT_EQ(Routed("query: 'a' max_tokens: 9000"), "gemini-2.5-flash");
}

TEST(RoutingTest, ALongPromptNeedsALargeContext) {
  EXPECT_EQ(Routed("query: '" + std::string(500'000, 'x') + "'"),
            "deepseek-v3.2");
  EXPECT_EQ(Routed("query: '" + std::string(600'000, 'x') + "'"),
            "gemini-2.5-flash");
}

TEST(RoutingTest, ToolsInTheConversationCountAsWell) {
  const Catalog catalog(
      [] {
        std::vector<ModelInfo> models = Catalog::BuiltInModels();
        models[0].capabilities = 0;
        return models;
      }(),
      "deepseek-v3.2");
  pb::InvokeRequest request;
  request.set_model("auto");
  request.add_messages()->set_role(pb::Message::TOOL);
  ASSERT_TRUE(RouteModel(catalog, {}, request).ok());
  EXPECT_EQ(request.model(), "gemini-2.5-flash");
}

TEST(RoutingTest, RulesSeeTheTags) {
  RoutingRule rule;
  rule.tag = "legal";
  rule.model = "claude-sonnet-4.5";
  EXPECT_EQ(Routed("query: 'a' tags: 'legal'", {rule}), "claude-sonnet-4.5");
  EXPECT_EQ(Routed("query: 'a' tags: 'other'", {rule}), "deepseek-v3.2");
}

TEST(RoutingTest, ANamedModelStays) {
  for (const char* model : {"gpt-4.1", "unheard-of", "", "AUTO"}) {
    pb::InvokeRequest request;
    request.set_model(model);
    const auto why = RouteModel(BuiltIn(), {}, request);
    EXPECT_EQ(*why, "");
    EXPECT_EQ(request.model(), model);
  }
}

TEST(RoutingTest, AModelOfTheCatalogMayBeCalledAuto) {
  ModelInfo model;
  model.id = "auto";
  pb::InvokeRequest request;
  request.set_model("auto");
  EXPECT_EQ(*RouteModel(Catalog({model}, "auto"), {}, request), "");
}

TEST(RoutingTest, SaysIfNoModelCan) {
  pb::InvokeRequest request;
  request.set_model("auto");
  request.add_messages()->add_parts()->mutable_video()->set_url("x");
  const auto why = RouteModel(BuiltIn(), {}, request);
  EXPECT_EQ(ReasonOf(why.status()), Reason::kInvalidArgument);
  EXPECT_EQ(DetailsOf(why.status()).field, "model");
}

}  // namespace
}  // namespace holysheep
