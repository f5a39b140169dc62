#include "intake/validation.h"

#include "intake/validation_support.h"

namespace holysheep {
namespace {

// The valid request that `text` becomes.
pb::InvokeRequest Valid(const std::string& text) {
  const auto valid = Validate(text);
  EXPECT_TRUE(valid.ok()) << text << "\n" << valid.status();
  return valid.ok() ? **valid : pb::InvokeRequest();
}

TEST(ValidationTest, AQueryAloneIsEnoughAndGetsEveryDefault) {
  const pb::InvokeRequest request = Valid("query: 'Hallo'");
  EXPECT_EQ(request.query(), "Hallo");
  EXPECT_EQ(request.model(), "chat");
  EXPECT_EQ(request.temperature(), 0.7);
  EXPECT_EQ(request.top_p(), 0.95);
  EXPECT_EQ(request.max_tokens(), 2048);
  EXPECT_EQ(request.max_attempts(), 3);
  EXPECT_EQ(request.timeouts().total_ms(), 300'000);
  EXPECT_EQ(request.timeouts().first_token_ms(), 60'000);
  EXPECT_EQ(request.timeouts().idle_ms(), 60'000);
  EXPECT_EQ(request.timeouts().queue_ms(), 60'000);
  EXPECT_EQ(request.request_id(), "made-here");
  EXPECT_FALSE(request.has_cache());
  EXPECT_FALSE(request.has_seed());
  EXPECT_FALSE(request.has_top_k());
}

TEST(ValidationTest, WhatIsGivenStays) {
  const pb::InvokeRequest request = Valid(
      "query: ' Hallo ' model: 'eyes' temperature: 0 top_p: 0 max_tokens: 1 "
      "max_attempts: 1 request_id: 'mine' timeouts {total_ms: 5 queue_ms: 1}");
  EXPECT_EQ(request.query(), " Hallo ");
  EXPECT_EQ(request.model(), "eyes");
  EXPECT_EQ(request.temperature(), 0);
  EXPECT_EQ(request.top_p(), 0);
  EXPECT_EQ(request.max_tokens(), 1);
  EXPECT_EQ(request.max_attempts(), 1);
  EXPECT_EQ(request.request_id(), "mine");
  EXPECT_EQ(request.timeouts().total_ms(), 5);
  EXPECT_EQ(request.timeouts().queue_ms(), 1);
}

TEST(ValidationTest, TheDefaultOfMaxTokensKeepsToTheModelsLimit) {
  EXPECT_EQ(Valid("query: 'a' model: 'eyes'").max_tokens(), 1000);
  EXPECT_EQ(Valid("query: 'a' model: 'bare'").max_tokens(), 2048);
  EXPECT_EQ(Valid("query: 'a' model: 'unheard-of'").max_tokens(), 2048);
}

TEST(ValidationTest, ATimeoutOverItsBoundBecomesTheBound) {
  const pb::InvokeRequest request = Valid(
      "query: 'a' timeouts {total_ms: 9000000 first_token_ms: 9000000 "
      "idle_ms: 9000000 queue_ms: 9000000}");
  EXPECT_EQ(request.timeouts().total_ms(), 300'000);
  EXPECT_EQ(request.timeouts().first_token_ms(), 60'000);
  EXPECT_EQ(request.timeouts().idle_ms(), 60'000);
  EXPECT_EQ(request.timeouts().queue_ms(), 60'000);
}

TEST(ValidationTest, WithoutABoundATimeoutStaysAsItIs) {
  RequestLimits limits = TestLimits();
  limits.queue = absl::InfiniteDuration();
  const auto unset =
      ValidateRequest(ParseRequest("query: 'a'"), TestCatalog(), limits);
  EXPECT_FALSE((*unset)->timeouts().has_queue_ms());
  const auto set =
      ValidateRequest(ParseRequest("query: 'a' timeouts {queue_ms: 9000000}"),
                      TestCatalog(), limits);
  EXPECT_EQ((*set)->timeouts().queue_ms(), 9'000'000);
}

TEST(ValidationTest, ASchemaHasAName) {
  const std::string format =
      "query: 'a' response_format {type: JSON_SCHEMA schema_json: '{}' ";
  EXPECT_EQ(Valid(format + "}").response_format().name(), "response");
  EXPECT_EQ(Valid(format + "name: 'x'}").response_format().name(), "x");
}

TEST(ValidationTest, FieldsOfALaterVersionAreKept) {
  pb::InvokeRequest request = ParseRequest("query: 'a'");
  request.GetReflection()->MutableUnknownFields(&request)->AddVarint(9999, 1);
  const auto valid = ValidateRequest(request, TestCatalog(), TestLimits());
  EXPECT_EQ((*valid)->GetReflection()->GetUnknownFields(**valid).field_count(),
            1);
}

class AcceptedTest : public testing::TestWithParam<const char*> {};

TEST_P(AcceptedTest, IsValid) { Valid(GetParam()); }

INSTANTIATE_TEST_SUITE_P(
    Bounds, AcceptedTest,
    testing::Values(
        "query: 'a' temperature: 2 top_p: 1 presence_penalty: -2 "
        "frequency_penalty: 2 top_k: 1 seed: -1",
        "query: 'a' max_tokens: 8192",
        "query: 'a' model: 'unheard-of' max_tokens: 2147483647",
        "query: 'a' cache {mode: ONLY_IF_CACHED ttl_seconds: 31536000}",
        "query: 'a' max_attempts: 3",
        "query: 'a' fallback_models: 'eyes' fallback_models: 'unheard-of'",
        "query: 'a' stop: ' ' stop: '\\n'",
        "query: 'a' reasoning {enabled: false effort: 'minimal'}",
        "query: 'a' reasoning {effort: 'none'}",
        "query: 'a' reasoning {effort: 'X-High!'}",
        "query: 'a' extra_params_json: '{\"logit_bias\":{\"model\":1}}'",
        "query: 'a' tools {name: 'f'} tools {name: 'g' parameters_json: '{}'} "
        "tool_choice: 'g' parallel_tool_calls: false",
        "query: 'a' response_format {type: JSON_OBJECT}"));

INSTANTIATE_TEST_SUITE_P(
    Messages, AcceptedTest,
    testing::Values(
        "messages {role: USER parts {text: 'a'}} "
        "messages {role: ASSISTANT parts {text: 'Well,'}}",  // to be continued
        "messages {role: ASSISTANT reasoning: 'hm' opaque_json: '{}'}",
        "messages {role: ASSISTANT tool_calls {id: '1' name: 'f'}} "
        "messages {role: TOOL tool_call_id: '1' parts {text: ''}}",
        "model: 'eyes' messages {role: TOOL tool_call_id: '1' parts {image "
        "{url: 'https://x/y'}}}",
        "messages {role: USER parts {text: 'a' cache_control_json: "
        "'{\"type\":\"ephemeral\"}'}}",
        "messages {role: DEVELOPER parts {text: 'a'}}",
        // No one knows what a model outside the catalog sees.
        "model: 'unheard-of' messages {role: USER parts {video {url: "
        "'http://x'}}}",
        "model: 'eyes' messages {role: USER parts {image {url: "
        "'HTTPS://x/y.png' detail: 'low'}}}",
        "model: 'eyes' messages {role: USER parts {image {url: "
        "'data:image/png;base64,AAAA'}}}",
        "model: 'eyes' messages {role: USER parts {image {data: 'x' "
        "mime_type: 'image/svg+xml'}}}",
        "model: 'unheard-of' messages {role: USER parts {document {data: 'x' "
        "mime_type: 'text/plain;charset=utf-8' name: 'a.txt'}}}"));

}  // namespace
}  // namespace holysheep
