#include "intake/extra_params.h"

#include "base/errors.h"
#include "gmock/gmock.h"
#include "intake/routing.h"
#include "intake/validation_support.h"

namespace holysheep {
namespace {

pb::InvokeRequest Asking(const std::string& extra) {
  pb::InvokeRequest request = ParseRequest("query: 'a'");
  request.set_extra_params_json(extra);
  return request;
}

std::string FieldAtFault(const pb::InvokeRequest& request) {
  const auto valid = ValidateRequest(request, TestCatalog(), TestLimits());
  EXPECT_EQ(ReasonOf(valid.status()), Reason::kInvalidArgument)
      << request.extra_params_json();
  return DetailsOf(valid.status()).field;
}

// `field` as text, and a member that says the same.
struct Pair {
  const char* field;
  const char* member;
};

constexpr Pair kPairs[] = {
    {"temperature: 0.25", R"({"Temperature":0.25})"},
    {"max_tokens: 7", R"({"max_tokens":7})"},
    {"max_tokens: 7", R"({"MAX_\u0043ompletion_to\u212Aens":7})"},
    {"top_p: 0.5", R"({"top_p":0.5})"},
    {"top_k: 3", R"({"top_k":3})"},
    {"presence_penalty: -1", R"({"pre\u017fence_penalty":-1})"},
    {"frequency_penalty: 1", R"({"frequency_penalty":1.0})"},
    {"seed: -9223372036854775808", R"({"seed":-9223372036854775808})"},
    {"stop: 'x'", R"({"stop":"\u0078"})"},
    {"stop: 'x' stop: 'y'", R"({"stop":["x","y"]})"},
    {"parallel_tool_calls: false", R"({"parallel_tool_calls":false})"},
    {"user: 'ann'", R"({"user":"ann"})"},
    {"response_format {}", R"({"response_format":{"type":"text"}})"},
    {"response_format {type: JSON_OBJECT}",
     R"({"response_format":{"type":"json_object"}})"},
    {"response_format {type: JSON_SCHEMA name: 'n' strict: true "
     "schema_json: '{\"b\":1,\"a\":2}'}",
     R"({"response_format":{"type":"json_schema","json_schema":)"
     R"({"name":"n","strict":true,"schema":{"b":1,"a":2}}}})"},
    {"reasoning {effort: 'low'}", R"({"reasoning_effort":"low"})"},
    {"reasoning {enabled: true budget_tokens: 5}",
     R"({"thinking":{"type":"enabled","budget_tokens":5}})"},
    {"reasoning {enabled: false}", R"({"reasoning":{"enabled":false}})"},
    {"reasoning {effort: 'high' budget_tokens: 5}",
     R"({"reasoning":{"effort":"high","max_tokens":5}})"},
    {"", R"({"temperature":null,"stop":null,"thinking":null})"},
    {"", "{}"},
};

TEST(ExtraParamsTest, AMemberTakesThePlaceOfItsField) {
  for (const Pair& pair : kPairs) {
    pb::InvokeRequest request = Asking(pair.member);
    EXPECT_EQ(TakeExtraParams(request), absl::OkStatus()) << pair.member;
    EXPECT_EQ(request.SerializeAsString(),
              ParseRequest(std::string("query: 'a' ") + pair.field)
                  .SerializeAsString())
        << pair.member;
  }
}

TEST(ExtraParamsTest, FieldAndMemberTogetherAreRefused) {
  for (const Pair& pair : kPairs) {
    if (pair.field[0] == '\0') continue;
    pb::InvokeRequest request =
        ParseRequest(std::string("query: 'a' ") + pair.field);
    request.set_extra_params_json(pair.member);
    EXPECT_EQ(FieldAtFault(request), "extra_params_json") << pair.member;
  }
}

TEST(ExtraParamsTest, FormsOfReasoningWithoutAFieldAreRefusedNextToTheField) {
  for (const char* extra :
       {R"({"enable_thinking":true})", R"({"Thinking_Budget":5})"}) {
    pb::InvokeRequest request =
        ParseRequest("query: 'a' reasoning {enabled: true}");
    request.set_extra_params_json(extra);
    EXPECT_EQ(FieldAtFault(request), "extra_params_json") << extra;
    pb::InvokeRequest alone = Asking(extra);
    EXPECT_EQ(TakeExtraParams(alone), absl::OkStatus()) << extra;
    EXPECT_EQ(alone.extra_params_json(), extra);
  }
}

TEST(ExtraParamsTest, WhatOnlyTheUpstreamKnowsPassesThrough) {
  for (const char* extra :
       {R"({"prompt_cache_key":"k","prompt_cache_retention":"24h"})",
        R"({"chat_template_kwargs":{"enable_thinking":false}})",
        R"({"models":["a"],"service_tier":"flex","nn":1})"}) {
    pb::InvokeRequest request = Asking(extra);
    EXPECT_EQ(TakeExtraParams(request), absl::OkStatus()) << extra;
    EXPECT_EQ(request.extra_params_json(), extra);
  }
}

TEST(ExtraParamsTest, NullSetsNoFieldButDoesNotHideAReservedName) {
  pb::InvokeRequest request =
      Asking(R"({"max_tokens":null,"max_completion_tokens":5})");
  ASSERT_EQ(TakeExtraParams(request), absl::OkStatus());
  EXPECT_EQ(request.max_tokens(), 5);
  request = ParseRequest("query: 'a' top_p: 0.5");
  request.set_extra_params_json(R"({"top_p":null})");
  ASSERT_EQ(TakeExtraParams(request), absl::OkStatus());
  EXPECT_EQ(request.top_p(), 0.5);
  for (const char* extra :
       {R"({"Model":null})", R"({"max_tokens":5,"MAX_TOKENS":null})",
        R"({"extra_body":{"\u0053tream":null}})",
        R"({"extra_body":{"Max_Completion_To\u212aens":null}})"}) {
    EXPECT_EQ(FieldAtFault(Asking(extra)), "extra_params_json") << extra;
  }
}

TEST(ExtraParamsTest, AnyWordIsAnEffort) {
  pb::InvokeRequest request = Asking(R"({"reasoning_effort":"xhigh"})");
  const auto valid = ValidateRequest(request, TestCatalog(), TestLimits());
  ASSERT_TRUE(valid.ok()) << valid.status();
  EXPECT_EQ((*valid)->reasoning().effort(), "xhigh");
}

TEST(ExtraParamsTest, AToolChoiceMayBeAWordOrAFunction) {
  for (const char* choice :
       {R"("f")", R"({"type":"function","function":{"name":"f"}})"}) {
    pb::InvokeRequest request =
        Asking(std::string(R"({"tool_choice":)") + choice + "}");
    ASSERT_EQ(TakeExtraParams(request), absl::OkStatus());
    EXPECT_EQ(request.tool_choice(), "f");
  }
}

TEST(ExtraParamsTest, WhatHasNoFieldStaysAsItIsWritten) {
  pb::InvokeRequest request = Asking(R"( { "A" : 1.50, "b":[ 2 ] } )");
  const std::string before = request.extra_params_json();
  ASSERT_EQ(TakeExtraParams(request), absl::OkStatus());
  EXPECT_EQ(request.extra_params_json(), before);
  request = Asking(R"({"A":1.50,"seed":1,"\"b":[ 2 ]})");
  ASSERT_EQ(TakeExtraParams(request), absl::OkStatus());
  EXPECT_EQ(request.extra_params_json(), R"({"A":1.50,"\"b":[ 2 ]})");
}

TEST(ExtraParamsTest, WhatTheServiceDecidesAboutIsRefused) {
  for (const char* extra :
       {R"({"Model":"m"})",
        R"({"\u004dodel":"m"})",
        R"({"MESSAGE\u017f":[]})",
        R"({"stream":false})",
        R"({"Stream_Options":{}})",
        R"({"N":2})",
        R"({"tools":[]})",
        R"({"tool\u017F":[]})",
        R"({"functions":[]})",
        R"({"function_call":"auto"})",
        R"({"query":"b"})",
        R"({"Cache":{}})",
        R"({"seed":1,"SEED":1})",
        R"({"x":1,"X":1})",
        R"({"x":1,"x":1})",
        R"({"max_tokens":1,"max_completion_tokens":1})",
        R"({"reasoning_effort":"low","reasoning":{"effort":"low"}})",
        R"({"extra_body":{"model":"m"}})",
        R"({"Extra_Body":{"seed":1}})",
        R"({"extra_body":{"a":1,"extra_body":{}}})",
        "[]",
        R"({}},"model":{})"}) {
    EXPECT_EQ(FieldAtFault(Asking(extra)), "extra_params_json") << extra;
  }
}

TEST(ExtraParamsTest, AMemberIsCheckedAsItsField) {
  const Pair cases[] = {
      {"temperature", R"({"temperature":2.5})"},
      {"max_tokens", R"({"Max_Tokens":100000})"},
      {"max_tokens", R"({"max_completion_tokens":0})"},
      {"stop[0]", R"({"stop":""})"},
      {"reasoning.budget_tokens", R"({"thinking":{"budget_tokens":0}})"},
      {"tool_choice", R"({"tool_choice":"auto"})"},
      {"response_format.schema_json",
       R"({"response_format":{"type":"json_schema",)"
       R"("json_schema":{"name":"n","schema":[]}}})"},
  };
  for (const Pair& c : cases) {
    EXPECT_EQ(FieldAtFault(Asking(c.member)), c.field) << c.member;
  }
}

TEST(ExtraParamsTest, AValueThatTheFieldCannotHoldIsRefused) {
  for (const char* extra :
       {R"({"temperature":"1"})", R"({"temperature":[1]})",
        R"({"max_tokens":1.5})", R"({"max_tokens":2147483648})",
        R"({"seed":true})", R"({"stop":[1]})", R"({"stop":{}})",
        R"({"parallel_tool_calls":1})", R"({"user":1})", R"({"tool_choice":1})",
        R"({"tool_choice":{"type":"auto"}})",
        R"({"response_format":"json_object"})",
        R"({"response_format":{"type":"xml"}})",
        R"({"response_format":{"type":"json_object","x":1}})",
        R"({"reasoning_effort":1})", R"({"thinking":true})",
        R"({"thinking":{"type":"maybe"}})",
        R"({"thinking":{"type":"enabled","x":1}})",
        R"({"reasoning":{"exclude":true}})"}) {
    EXPECT_EQ(FieldAtFault(Asking(extra)), "extra_params_json") << extra;
  }
}

TEST(ExtraParamsTest, AMemberCountsWhereAModelIsChosen) {
  pb::InvokeRequest request = Asking(R"({"max_tokens":9000})");
  request.set_model("auto");
  const Catalog catalog(Catalog::BuiltInModels(), "deepseek-v3.2");
  ASSERT_TRUE(RouteModel(catalog, {}, request).ok());
  EXPECT_EQ(request.model(), "gemini-2.5-flash");
}

TEST(ExtraParamsTest, AnEarlierAnswerCannotRenameWhatHasAField) {
  for (const char* opaque :
       {R"({"Role":"system"})", R"({"CONTENT":"x"})", R"({"name":"x"})",
        R"({"rea\u017foning_content":"x"})", R"({"Tool_Calls":{}})",
        R"({"tool_calls":[]})", R"({"tool_calls":{"c1":1}})",
        R"({"tool_calls":{"c1":{"Function":{}}}})", "[]", "{", "{}}"}) {
    pb::InvokeRequest request = ParseRequest(
        "messages {role: ASSISTANT tool_calls {id: 'c1' name: 'f'}}");
    request.mutable_messages(0)->set_opaque_json(opaque);
    EXPECT_EQ(FieldAtFault(request), "messages[0].opaque_json") << opaque;
  }
}

}  // namespace
}  // namespace holysheep
