#include "base/errors.h"
#include "gmock/gmock.h"
#include "intake/validation_support.h"

namespace holysheep {
namespace {

// A request that breaks one rule, the field at fault, and what the refusal
// must say of it.
struct Refusal {
  const char* request;
  const char* field;
  const char* says;
};

class RefusalTest : public testing::TestWithParam<Refusal> {};

TEST_P(RefusalTest, NamesTheFieldAndWhatIsWrongWithIt) {
  const auto valid = Validate(GetParam().request);

  ASSERT_FALSE(valid.ok()) << GetParam().request;
  EXPECT_EQ(valid.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReasonOf(valid.status()), Reason::kInvalidArgument);
  EXPECT_EQ(DetailsOf(valid.status()).field, GetParam().field)
      << valid.status();
  EXPECT_THAT(std::string(valid.status().message()),
              testing::HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Prompt, RefusalTest,
    testing::Values(
        Refusal{"", "query", "is required"},
        Refusal{"system_prompt: 'a'", "query", "is required"},
        Refusal{"query: ' \\t\\n'", "query", "must not be blank"},
        Refusal{"query: '\\302\\240\\343\\200\\200'", "query", "blank"},
        Refusal{"query: 'a' messages {role: USER parts {text: 'a'}}", "query",
                "together with messages"},
        Refusal{"system_prompt: 'a' messages {role: USER parts {text: 'a'}}",
                "system_prompt", "SYSTEM message"}));

INSTANTIATE_TEST_SUITE_P(
    Sampling, RefusalTest,
    testing::Values(
        Refusal{"query: 'a' temperature: 2.5", "temperature",
                "must be 0 to 2, is 2.5"},
        Refusal{"query: 'a' temperature: -0.1", "temperature", "is -0.1"},
        Refusal{"query: 'a' temperature: nan", "temperature", "is nan"},
        Refusal{"query: 'a' temperature: inf", "temperature", "is inf"},
        Refusal{"query: 'a' top_p: 1.01", "top_p", "must be 0 to 1, is 1.01"},
        Refusal{"query: 'a' top_p: -inf", "top_p", "is -inf"},
        Refusal{"query: 'a' top_k: 0", "top_k", "must be at least 1, is 0"},
        Refusal{"query: 'a' presence_penalty: -2.1", "presence_penalty",
                "must be -2 to 2"},
        Refusal{"query: 'a' frequency_penalty: nan", "frequency_penalty",
                "must be -2 to 2"},
        Refusal{"query: 'a' max_tokens: 0", "max_tokens", "must be 1 to 8192"},
        Refusal{"query: 'a' max_tokens: 8193", "max_tokens",
                "must be 1 to 8192, the limit of chat, is 8193"},
        Refusal{"query: 'a' model: 'unheard-of' max_tokens: -1", "max_tokens",
                "must be 1 to 2147483647, is -1"},
        Refusal{"query: 'a' stop: 'x' stop: ''", "stop[1]", "empty"}));

INSTANTIATE_TEST_SUITE_P(
    Messages, RefusalTest,
    testing::Values(
        Refusal{"messages {parts {text: 'a'}}", "messages[0].role", "is 0"},
        Refusal{"messages {role: 99 parts {text: 'a'}}", "messages[0].role",
                "is 99"},
        Refusal{"messages {role: USER}", "messages[0].parts", "at least one"},
        Refusal{"messages {role: ASSISTANT}", "messages[0].parts",
                "unless there are tool_calls or reasoning"},
        Refusal{"messages {role: USER parts {}}", "messages[0].parts[0]",
                "must be text, image"},
        Refusal{"messages {role: TOOL parts {text: 'a'}}",
                "messages[0].tool_call_id", "is required"},
        Refusal{"messages {role: USER parts {text: 'a'} tool_call_id: '1'}",
                "messages[0].tool_call_id", "TOOL messages only"},
        Refusal{"messages {role: USER tool_calls {id: '1' name: 'f'}}",
                "messages[0].tool_calls", "ASSISTANT messages only"},
        Refusal{"messages {role: USER reasoning: 'a'}", "messages[0].reasoning",
                "ASSISTANT messages only"},
        Refusal{"messages {role: USER parts {text: 'a'} opaque_json: '{}'}",
                "messages[0].opaque_json", "ASSISTANT messages only"},
        Refusal{"messages {role: ASSISTANT tool_calls {name: 'f'}}",
                "messages[0].tool_calls[0].id", "blank"},
        Refusal{"messages {role: ASSISTANT tool_calls {id: '1'}}",
                "messages[0].tool_calls[0].name", "blank"},
        Refusal{"messages {role: ASSISTANT reasoning: 'a' opaque_json: '[]'}",
                "messages[0].opaque_json", "must be a JSON object"},
        Refusal{"messages {role: USER parts {text: 'a'}} "
                "messages {role: USER parts {text: 'a'}} messages {role: USER}",
                "messages[2].parts", "at least one"}));

INSTANTIATE_TEST_SUITE_P(
    Media, RefusalTest,
    testing::Values(
        Refusal{"messages {role: USER parts {image {url: 'https://x'}}}",
                "messages[0].parts[0].image",
                "chat does not support vision; these models do: eyes"},
        Refusal{"messages {role: USER parts {text: 'a'} parts {audio {url: "
                "'https://x'}}}",
                "messages[0].parts[1].audio", "no model of the catalog does"},
        Refusal{"model: 'eyes' messages {role: USER parts {image {}}}",
                "messages[0].parts[0].image", "must have url or data"},
        Refusal{"model: 'eyes' messages {role: USER parts {image {url: "
                "'ftp://x'}}}",
                "messages[0].parts[0].image.url", "http, https or data"},
        Refusal{"model: 'eyes' messages {role: USER parts {image {url: "
                "'https://'}}}",
                "messages[0].parts[0].image.url", "http, https or data"},
        Refusal{"model: 'eyes' messages {role: USER parts {image {url: "
                "'https://x/a b'}}}",
                "messages[0].parts[0].image.url", "without blanks"},
        Refusal{"model: 'eyes' messages {role: USER parts {image {data: 'x'}}}",
                "messages[0].parts[0].image.mime_type", "such as image/..."},
        Refusal{"model: 'eyes' messages {role: USER parts {image {data: '' "
                "mime_type: 'image/png'}}}",
                "messages[0].parts[0].image.data", "must not be empty"},
        Refusal{"model: 'eyes' messages {role: USER parts {image {data: 'x' "
                "mime_type: 'audio/wav'}}}",
                "messages[0].parts[0].image.mime_type", "is \"audio/wav\""},
        Refusal{"model: 'eyes' messages {role: USER parts {image {data: 'x' "
                "mime_type: 'image/png,'}}}",
                "messages[0].parts[0].image.mime_type", "is \"image/png,\""},
        Refusal{"model: 'eyes' messages {role: USER parts {image {url: "
                "'https://x' detail: 'huge'}}}",
                "messages[0].parts[0].image.detail",
                "one of auto, low, high; is \"huge\""},
        Refusal{"model: 'x' messages {role: USER parts {video {data: 'x' "
                "mime_type: 'video/'}}}",
                "messages[0].parts[0].video.mime_type", "such as video/..."},
        Refusal{"model: 'x' messages {role: USER parts {document {data: 'x' "
                "mime_type: 'pdf'}}}",
                "messages[0].parts[0].document.mime_type", "application/pdf"},
        Refusal{"model: 'eyes' messages {role: SYSTEM "
                "parts {image {url: 'https://x'}}}",
                "messages[0].parts[0]", "must be text in a SYSTEM message"},
        Refusal{"model: 'eyes' messages {role: TOOL tool_call_id: '1' "
                "parts {image {url: 'file://x'}}}",
                "messages[0].parts[0].image.url", "http, https or data"},
        Refusal{"messages {role: USER parts {text: 'a' cache_control_json: "
                "'[]'}}",
                "messages[0].parts[0].cache_control_json",
                "must be a JSON object"},
        Refusal{"model: 'eyes' messages {role: USER parts {image {url: "
                "'https://x'} cache_control_json: '{'}}",
                "messages[0].parts[0].cache_control_json",
                "must be a JSON object"}));

INSTANTIATE_TEST_SUITE_P(
    Tools, RefusalTest,
    testing::Values(
        Refusal{"query: 'a' tools {}", "tools[0].name", "is \"\""},
        Refusal{"query: 'a' tools {name: 'a b'}", "tools[0].name", "A-Z a-z"},
        Refusal{"query: 'a' tools {name: 'f'} tools {name: 'f'}",
                "tools[1].name", "distinct"},
        Refusal{"query: 'a' tools {name: 'e'} tools {name: 'f' "
                "parameters_json: '[1]'}",
                "tools[1].parameters_json", "must be a JSON object"},
        Refusal{"query: 'a' tools {name: 'f' parameters_json: '{'}",
                "tools[0].parameters_json", "at byte 1"},
        Refusal{"query: 'a' tools {name: 'f' parameters_json: "
                "'{}}],\"model\":\"m\"'}",
                "tools[0].parameters_json", "at byte 2"},
        Refusal{"query: 'a' model: 'bare' tools {name: 'f'}", "tools",
                "tools; these models do: chat, eyes"},
        Refusal{"query: 'a' tool_choice: 'auto'", "tool_choice", "needs tools"},
        Refusal{"query: 'a' tools {name: 'f'} tool_choice: 'g'", "tool_choice",
                "is \"g\""}));

INSTANTIATE_TEST_SUITE_P(
    Format, RefusalTest,
    testing::Values(
        Refusal{"query: 'a' response_format {type: JSON_SCHEMA}",
                "response_format.schema_json", "is required"},
        Refusal{"query: 'a' response_format {type: JSON_SCHEMA schema_json: "
                "'true'}",
                "response_format.schema_json", "must be a JSON object"},
        Refusal{"query: 'a' response_format {schema_json: '{}'}",
                "response_format.schema_json", "unless the type"},
        Refusal{"query: 'a' response_format {type: JSON_SCHEMA schema_json: "
                "'{}' name: 'ä'}",
                "response_format.name", "is \"ä\""},
        Refusal{"query: 'a' response_format {type: 9}", "response_format.type",
                "is 9"},
        Refusal{"query: 'a' reasoning {effort: 'very high'}",
                "reasoning.effort", "without blanks, is \"very high\""},
        Refusal{"query: 'a' reasoning {effort: '\\303\\244'}",
                "reasoning.effort", "printable characters"},
        Refusal{"query: 'a' reasoning {effort: "
                "'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'}",
                "reasoning.effort", "at most 64"},
        Refusal{"query: 'a' reasoning {budget_tokens: 0}",
                "reasoning.budget_tokens", "at least 1"},
        Refusal{"query: 'a' extra_params_json: 'x'", "extra_params_json",
                "must be a JSON object"},
        Refusal{"query: 'a' extra_params_json: '{\"b\":1,\"stream\":false}'",
                "extra_params_json", "\"stream\""},
        Refusal{"query: 'a' extra_params_json: '{\"Str\\\\u0065am\":true}'",
                "extra_params_json", "\"Stream\""}));

INSTANTIATE_TEST_SUITE_P(
    Delivery, RefusalTest,
    testing::Values(
        Refusal{"query: 'a' model: ' '", "model", "blank"},
        Refusal{"query: 'a' tags: 'a' tags: ' '", "tags[1]", "blank"},
        Refusal{"query: 'a' fallback_models: 'eyes' fallback_models: ''",
                "fallback_models[1]", "blank"},
        Refusal{"query: 'a' fallback_models: 'eyes' fallback_models: 'eyes'",
                "fallback_models[1]", "distinct"},
        Refusal{"query: 'a' cache {mode: 9}", "cache.mode", "is 9"},
        Refusal{"query: 'a' cache {ttl_seconds: 0}", "cache.ttl_seconds",
                "must be 1 to 31536000, is 0"},
        Refusal{"query: 'a' cache {ttl_seconds: 31536001}", "cache.ttl_seconds",
                "is 31536001"},
        Refusal{"query: 'a' max_attempts: 0", "max_attempts", "is 0"},
        Refusal{"query: 'a' max_attempts: 4", "max_attempts",
                "must be 1 to 3, is 4"},
        Refusal{"query: 'a' timeouts {total_ms: 0}", "timeouts.total_ms",
                "at least 1, is 0"},
        Refusal{"query: 'a' timeouts {first_token_ms: -1}",
                "timeouts.first_token_ms", "is -1"},
        Refusal{"query: 'a' timeouts {idle_ms: 0}", "timeouts.idle_ms", "is 0"},
        Refusal{"query: 'a' timeouts {queue_ms: -1}", "timeouts.queue_ms",
                "at least 0, is -1"},
        Refusal{"query: 'a' request_id: 'a\\nb'", "request_id",
                "printable ASCII, is \"a\\nb\""},
        Refusal{"query: 'a' request_id: 'ä'", "request_id", "printable"}));

TEST(RefusalsTest, JsonNestedWithoutEndIsRefused) {
  pb::InvokeRequest request = ParseRequest("query: 'a'");
  std::string deep;
  for (int i = 0; i < 100'000; ++i) deep += "{\"a\":";
  request.add_tools()->set_name("f");
  request.mutable_tools(0)->set_parameters_json(deep);
  const auto valid = ValidateRequest(request, TestCatalog(), TestLimits());
  EXPECT_EQ(DetailsOf(valid.status()).field, "tools[0].parameters_json");
}

TEST(RefusalsTest, ALongValueIsShownInPart) {
  const auto valid = Validate("query: 'a' reasoning {effort: '" +
                              std::string(5000, 'x') + "'}");
  EXPECT_LT(valid.status().message().size(), 200u);
}

TEST(RefusalsTest, WhatTheMessageSaysIsNotShown) {
  const auto valid = Validate(
      "model: 'eyes' messages {role: USER parts {image {url: 'sekret://x'}}}");
  EXPECT_THAT(std::string(valid.status().message()),
              testing::Not(testing::HasSubstr("sekret")));
}

}  // namespace
}  // namespace holysheep
