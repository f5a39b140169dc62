#include "policy/wire_refusal.h"

#include "gtest/gtest.h"

namespace holysheep {
namespace {

using R = WireRefusal;
using MaxTokens = ModelWire::MaxTokens;
using Sampling = ModelWire::Sampling;
using JsonSchema = ModelWire::JsonSchema;

ModelInfo Model(ModelWire wire = {}) {
  ModelInfo model;
  model.wire = wire;
  model.capabilities = 1u << static_cast<int>(Capability::kJsonSchema) |
                       1u << static_cast<int>(Capability::kJsonObject);
  return model;
}

TEST(WireRefusalTest, EveryRefusalHasANameOfItsOwn) {
  for (int i = 0; i < kWireRefusalCount; ++i) {
    const auto refusal = static_cast<R>(i);
    EXPECT_EQ(ParseWireRefusal(WireRefusalName(refusal)), refusal);
    EXPECT_NE(ParameterOf(refusal), "");
    EXPECT_NE(ConsequenceOf(refusal), "");
  }
  EXPECT_EQ(ParseWireRefusal(""), std::nullopt);
}

TEST(WireRefusalTest, NothingRefusedIsWhatTheCatalogSays) {
  ModelWire wire;
  wire.temperature = Sampling::kFixed;
  wire.json_schema = JsonSchema::kPrompt;
  EXPECT_EQ(WireAfter(Model(wire), {}), wire);
}

TEST(WireRefusalTest, MaxTokensIsRenamedAndThenLeftOut) {
  EXPECT_EQ(WireAfter(Model(), {R::kMaxTokensName}).max_tokens,
            MaxTokens::kMaxCompletionTokens);
  EXPECT_EQ(WireAfter(Model(), {R::kMaxTokensName, R::kMaxCompletionTokens})
                .max_tokens,
            MaxTokens::kOmit);
  EXPECT_EQ(WireAfter(Model(), {R::kMaxTokens}).max_tokens, MaxTokens::kOmit);
}

TEST(WireRefusalTest, MaxCompletionTokensIsRenamedAndThenLeftOut) {
  ModelWire wire;
  wire.max_tokens = MaxTokens::kMaxCompletionTokens;
  EXPECT_EQ(WireAfter(Model(wire), {R::kMaxCompletionTokens}).max_tokens,
            MaxTokens::kMaxTokens);
  EXPECT_EQ(WireAfter(Model(wire), {R::kMaxCompletionTokens, R::kMaxTokensName})
                .max_tokens,
            MaxTokens::kOmit);
  EXPECT_EQ(WireAfter(Model(wire), {R::kMaxTokensName}), wire)
      << "it was not sent";
}

TEST(WireRefusalTest, SamplingIsFixedOrLeftOut) {
  const ModelWire fixed =
      WireAfter(Model(), {R::kTemperatureValue, R::kTopPValue});
  EXPECT_EQ(fixed.temperature, Sampling::kFixed);
  EXPECT_EQ(fixed.top_p, Sampling::kFixed);
  const ModelWire without =
      WireAfter(Model(), {R::kTemperature, R::kTopP, R::kTemperatureValue});
  EXPECT_EQ(without.temperature, Sampling::kOmit);
  EXPECT_EQ(without.top_p, Sampling::kOmit);
  EXPECT_TRUE(WireAfter(Model(), {R::kTopPWithTemperature}).exclusive);
}

TEST(WireRefusalTest, AnAnswerByASchemaIsAskedForMoreSimplyStepByStep) {
  WireRefusals refusals = {R::kResponseFormat};
  EXPECT_EQ(WireAfter(Model(), refusals).json_schema, JsonSchema::kJsonObject);
  refusals.Add(R::kResponseFormat);
  EXPECT_EQ(refusals.size(), 2);
  EXPECT_EQ(WireAfter(Model(), refusals).json_schema, JsonSchema::kPrompt);
  refusals.Add(R::kResponseFormat);
  EXPECT_EQ(refusals.size(), 2);
}

TEST(WireRefusalTest, AModelWithoutTheCapabilityBeginsLower) {
  ModelInfo model = Model();
  model.capabilities = 1u << static_cast<int>(Capability::kJsonObject);
  EXPECT_EQ(WireAfter(model, {R::kResponseFormat}).json_schema,
            JsonSchema::kPrompt);
  model.capabilities = 0;
  EXPECT_EQ(WireAfter(model, {R::kResponseFormat}), model.wire);
}

}  // namespace
}  // namespace holysheep
