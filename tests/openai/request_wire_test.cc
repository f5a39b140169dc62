// What each way of `wire` puts into the body.
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"
#include "openai/encoding.h"

namespace holysheep {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using MaxTokens = ModelWire::MaxTokens;
using Sampling = ModelWire::Sampling;
using Reasoning = ModelWire::Reasoning;
using Set = ChatRequest::SetByCaller;

constexpr Set kNothing = {};
constexpr Set kAll = {true, true, true};
// The defaults of the node contract.
constexpr char kDefaults[] =
    "query: 'q' temperature: 0.7 top_p: 0.95 max_tokens: 2048 ";

class RequestWireTest : public EncodingTest {
 protected:
  // Encodes for the model `m`, which can do everything.
  void Send(const ModelWire& wire, const std::string& text,
            const Set& set = kNothing) {
    std::vector<ModelInfo> models(1);
    models[0].id = "m";
    models[0].capabilities = capabilities_;
    models[0].max_output_tokens = max_output_tokens_;
    models[0].wire = wire;
    auto message = std::make_shared<pb::InvokeRequest>();
    ASSERT_TRUE(
        google::protobuf::TextFormat::ParseFromString(text, message.get()));
    ChatRequest request;
    request.message = std::move(message);
    request.catalog = std::make_shared<Catalog>(models, "m");
    request.target = request.catalog->TargetFor("m");
    request.set_by_caller = set;
    request.learned_wire = learned_;
    auto encoded = EncodeRequest(request, {});
    ASSERT_TRUE(encoded.ok()) << encoded.status();
    ASSERT_TRUE(CanonicalJson(encoded->body).ok()) << encoded->body;
    sent_ = *std::move(encoded);
  }
  void Ask(Reasoning form, const std::string& reasoning,
           const std::string& more = "") {
    Send({.reasoning = form},
         kDefaults + more + " reasoning { " + reasoning + " }");
  }

  // The value of a member that was sent; empty if there is none.
  std::string Sent(const std::string& name) const {
    const auto members = JsonMembers(sent_.body);
    for (const JsonMember& member : *members) {
      if (member.name == name) return std::string(member.value);
    }
    return "";
  }

  uint32_t capabilities_ = (1u << kCapabilityCount) - 1;
  int64_t max_output_tokens_ = 0;
  std::shared_ptr<const ModelWire> learned_;
  EncodedRequest sent_;
};

TEST_F(RequestWireTest, ALimitHasTheNameThatTheModelKnows) {
  Send({.max_tokens = MaxTokens::kMaxCompletionTokens}, kDefaults);
  EXPECT_EQ(Sent("max_completion_tokens"), "2048");
  EXPECT_EQ(Sent("max_tokens"), "");
  Send({.max_tokens = MaxTokens::kOmit}, kDefaults);
  EXPECT_EQ(Sent("max_completion_tokens") + Sent("max_tokens"), "");
  EXPECT_THAT(sent_.warnings, IsEmpty());
  Send({.max_tokens = MaxTokens::kOmit}, kDefaults, kAll);
  EXPECT_THAT(sent_.warnings, ElementsAre(HasSubstr("max_tokens was dropped")));
}

TEST_F(RequestWireTest, ALimitIsFittedToTheModelThatIsAsked) {
  max_output_tokens_ = 1000;
  Send({}, kDefaults, kAll);
  EXPECT_EQ(Sent("max_tokens"), "1000");
  EXPECT_THAT(sent_.warnings,
              ElementsAre("max_tokens was lowered from 2048 to 1000, which is "
                          "what m has room for"));
}

TEST_F(RequestWireTest, WhatTheModelDoesNotTakeIsLeftOut) {
  const ModelWire wire = {.temperature = Sampling::kOmit,
                          .top_p = Sampling::kOmit};
  Send(wire, kDefaults);
  EXPECT_EQ(Sent("temperature") + Sent("top_p"), "");
  EXPECT_THAT(sent_.warnings, IsEmpty()) << "they were only defaults";
  Send(wire, kDefaults, kAll);
  EXPECT_EQ(Sent("temperature") + Sent("top_p"), "");
  EXPECT_THAT(sent_.warnings, ElementsAre(HasSubstr("temperature was dropped"),
                                          HasSubstr("top_p was dropped")));
}

TEST_F(RequestWireTest, AFixedValueIsOneOrNothing) {
  const ModelWire wire = {.temperature = Sampling::kFixed,
                          .top_p = Sampling::kFixed};
  Send(wire, kDefaults);
  EXPECT_EQ(Sent("temperature") + Sent("top_p"), "");
  EXPECT_THAT(sent_.warnings, IsEmpty());
  Send(wire, "query: 'q' temperature: 1 top_p: 1", kAll);
  EXPECT_EQ(Sent("temperature"), "1.0");
  EXPECT_EQ(Sent("top_p"), "1.0");
  EXPECT_THAT(sent_.warnings, IsEmpty());
  Send(wire, "query: 'q' temperature: 0.3 top_p: 1", kAll);
  EXPECT_EQ(Sent("temperature"), "");
  EXPECT_THAT(sent_.warnings, ElementsAre(HasSubstr("temperature was dropped: "
                                                    "m takes no other value")));
}

TEST_F(RequestWireTest, OfTwoThatExcludeEachOtherTheCallersIsSent) {
  const ModelWire wire = {.exclusive = true};
  const struct {
    Set set;
    const char* temperature;
    const char* top_p;
    size_t warnings;
  } kCases[] = {{{false, false, false}, "0.7", "", 0},
                {{true, false, false}, "0.7", "", 0},
                {{false, true, false}, "", "0.95", 0},
                {{true, true, false}, "0.7", "", 1}};
  for (const auto& c : kCases) {
    Send(wire, kDefaults, c.set);
    EXPECT_EQ(Sent("temperature"), c.temperature);
    EXPECT_EQ(Sent("top_p"), c.top_p);
    EXPECT_EQ(sent_.warnings.size(), c.warnings);
  }
  EXPECT_THAT(sent_.warnings, ElementsAre(HasSubstr("top_p was dropped")));
}

TEST_F(RequestWireTest, WhatHasBeenLearnedOutweighsTheCatalog) {
  learned_ = std::make_shared<ModelWire>(
      ModelWire{.top_p = Sampling::kOmit, .stream_options = false});
  Send({}, kDefaults);
  EXPECT_EQ(Sent("top_p") + Sent("stream_options"), "");
  EXPECT_EQ(Sent("temperature"), "0.7");
  EXPECT_EQ(Sent("stream"), "true");
}

TEST_F(RequestWireTest, StreamOptionsAreSentOnlyWhereTheyAreTaken) {
  Send({.stream_options = false}, kDefaults);
  EXPECT_EQ(Sent("stream_options"), "");
  Send({}, kDefaults);
  EXPECT_EQ(Sent("stream_options"), R"({"include_usage":true})");
}

TEST_F(RequestWireTest, AnEffortStandsForWhatHasNoFormOfItsOwn) {
  const std::pair<const char*, const char*> cases[] = {
      {"effort: 'xhigh'", R"("xhigh")"},
      {"effort: 'none'", R"("none")"},
      {"enabled: false effort: 'high'", R"("none")"},
      {"enabled: true effort: 'low' budget_tokens: 9", R"("low")"},
      {"enabled: true", R"("medium")"},
      {"budget_tokens: 1024", R"("low")"},
      {"budget_tokens: 8192", R"("medium")"},
      {"budget_tokens: 24576", R"("high")"}};
  for (const auto& [reasoning, effort] : cases) {
    Ask(Reasoning::kEffort, reasoning);
    EXPECT_EQ(Sent("reasoning_effort"), effort) << reasoning;
    EXPECT_EQ(Sent("thinking"), "") << reasoning;
  }
  EXPECT_THAT(sent_.warnings, ElementsAre(HasSubstr("so high was sent")));
  Ask(Reasoning::kEffort, "");
  EXPECT_EQ(Sent("reasoning_effort"), "");
}

TEST_F(RequestWireTest, ABudgetOfThinkingStaysBelowTheLimit) {
  const std::pair<const char*, const char*> cases[] = {
      {"enabled: true", R"({"type":"enabled"})"},
      {"enabled: true budget_tokens: 9",
       R"({"type":"enabled","budget_tokens":9})"},
      {"budget_tokens: 9", R"({"type":"enabled","budget_tokens":9})"},
      {"enabled: false budget_tokens: 9", R"({"type":"disabled"})"},
      {"effort: 'none'", R"({"type":"disabled"})"},
      {"effort: 'low'", R"({"type":"enabled","budget_tokens":1024})"},
      {"effort: 'high'", R"({"type":"enabled","budget_tokens":1638})"}};
  for (const auto& [reasoning, thinking] : cases) {
    Ask(Reasoning::kThinking, reasoning);
    EXPECT_EQ(Sent("thinking"), thinking) << reasoning;
    EXPECT_EQ(Sent("reasoning_effort"), "") << reasoning;
  }
  EXPECT_THAT(sent_.warnings, ElementsAre(HasSubstr("1638 tokens were sent")));
}

TEST_F(RequestWireTest, ClaudeThinksWithABudgetAndWithoutSampling) {
  const ModelWire claude = {.exclusive = true,
                            .reasoning = Reasoning::kThinking};
  const std::string thinks =
      std::string(kDefaults) + "reasoning { enabled: true }";
  Send(claude, thinks);
  EXPECT_EQ(Sent("thinking"), R"({"type":"enabled","budget_tokens":1638})");
  EXPECT_EQ(Sent("temperature") + Sent("top_p"), "");
  Send(claude, thinks, kAll);
  EXPECT_EQ(Sent("temperature") + Sent("top_p"), "");
  EXPECT_EQ(sent_.warnings.size(), 3u);
  Send(claude, std::string(kDefaults) + "reasoning { enabled: false }");
  EXPECT_EQ(Sent("thinking"), R"({"type":"disabled"})");
  EXPECT_EQ(Sent("temperature"), "0.7");
}

TEST_F(RequestWireTest, QwenAndItsTemplateGetTheSameFlag) {
  Ask(Reasoning::kEnableThinking, "enabled: true budget_tokens: 50");
  EXPECT_EQ(Sent("enable_thinking"), "true");
  EXPECT_EQ(Sent("thinking_budget"), "50");
  EXPECT_EQ(Sent("chat_template_kwargs"), R"({"enable_thinking":true})");
  EXPECT_EQ(Sent("thinking"), "");
  Ask(Reasoning::kEnableThinking, "effort: 'medium'");
  EXPECT_EQ(Sent("thinking_budget"), "8192");
  EXPECT_THAT(sent_.warnings, ElementsAre(HasSubstr("8192 tokens")));
  Ask(Reasoning::kEnableThinking, "enabled: false");
  EXPECT_EQ(Sent("enable_thinking"), "false");
  EXPECT_EQ(Sent("thinking_budget"), "");
}

TEST_F(RequestWireTest, AFlagIsMergedWithTheCallersOwnTemplateArguments) {
  const auto ask = [this](const std::string& extra) {
    Ask(Reasoning::kEnableThinking, "enabled: true",
        "extra_params_json: '" + extra + "'");
  };
  ask(R"({"chat_template_kwargs":{"a":1},"b":2})");
  EXPECT_EQ(Sent("chat_template_kwargs"), R"({"a":1,"enable_thinking":true})");
  EXPECT_EQ(Sent("b"), "2");
  ask(R"({"chat_template_kwargs":{"enable_thinking":false}})");
  EXPECT_EQ(Sent("chat_template_kwargs"), R"({"enable_thinking":false})");
  ask(R"({"enable_thinking":false})");
  EXPECT_EQ(Sent("enable_thinking"), "false");
  EXPECT_EQ(Sent("chat_template_kwargs"), "");
}

TEST_F(RequestWireTest, OpenRouterTakesOneOfItsThreeMembers) {
  const std::pair<const char*, const char*> cases[] = {
      {"enabled: true", R"({"enabled":true})"},
      {"enabled: false effort: 'low'", R"({"enabled":false})"},
      {"effort: 'low' enabled: true", R"({"effort":"low"})"},
      {"budget_tokens: 7", R"({"max_tokens":7})"},
      {"effort: 'low' budget_tokens: 7", R"({"max_tokens":7})"}};
  for (const auto& [reasoning, sent] : cases) {
    Ask(Reasoning::kOpenRouter, reasoning);
    EXPECT_EQ(Sent("reasoning"), sent) << reasoning;
  }
  EXPECT_THAT(sent_.warnings, ElementsAre(HasSubstr("effort was dropped")));
}

TEST_F(RequestWireTest, AModelThatCannotBeAskedToReasonIsNot) {
  for (const char* asks :
       {"enabled: true", "effort: 'low'", "budget_tokens: 7"}) {
    Ask(Reasoning::kNone, asks);
    EXPECT_EQ(Sent("reasoning_effort") + Sent("thinking"), "") << asks;
    EXPECT_THAT(sent_.warnings, ElementsAre(HasSubstr("reasoning was dropped")))
        << asks;
  }
  for (const char* refuses : {"enabled: false", "effort: 'none'"}) {
    Ask(Reasoning::kNone, refuses);
    EXPECT_THAT(sent_.warnings, IsEmpty()) << refuses;
  }
}

TEST_F(RequestWireTest, TheFormOfASchemaOutweighsTheCapabilities) {
  const std::string text = R"(query: 'q' response_format { type: JSON_SCHEMA
                              schema_json: '{"type":"object"}' })";
  using Form = ModelWire::JsonSchema;
  Send({.json_schema = Form::kPrompt}, text);
  EXPECT_EQ(Sent("response_format"), "");
  EXPECT_THAT(Sent("messages"), HasSubstr(R"({\"type\":\"object\"})"));
  EXPECT_EQ(sent_.warnings.size(), 1u);
  Send({.json_schema = Form::kJsonObject}, text);
  EXPECT_EQ(Sent("response_format"), R"({"type":"json_object"})");
  EXPECT_THAT(Sent("messages"), HasSubstr(R"({\"type\":\"object\"})"));
  capabilities_ = 0;
  Send({.json_schema = Form::kNative}, text);
  EXPECT_THAT(Sent("response_format"), HasSubstr("json_schema"));
  EXPECT_THAT(sent_.warnings, IsEmpty());
}

}  // namespace
}  // namespace holysheep
