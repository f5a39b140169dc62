#include "openai/parameter_refusal.h"

#include <optional>
#include <string>

#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

using R = WireRefusal;

std::string Read(absl::string_view body, absl::string_view query = "Hallo") {
  pb::InvokeRequest request;
  request.set_query(std::string(query));
  const auto refused = RefusedParameter(body, ReadErrorWords(body), request);
  return refused.has_value() ? std::string(WireRefusalName(*refused)) : "";
}

std::string ReadText(const std::string& message) {
  return Read(R"({"error":{"message":")" + message + R"("}})");
}

struct Case {
  absl::string_view from;
  R expected;
  absl::string_view body;
};

// clang-format off
const Case kRefused[] = {
    {"OpenAI", R::kMaxTokensName, R"({"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}})"},
    {"OpenAI", R::kTemperatureValue, R"({"error":{"message":"Unsupported value: 'temperature' does not support 0.7 with this model. Only the default (1) value is supported.","type":"invalid_request_error","param":"temperature","code":"unsupported_value"}})"},
    {"OpenAI", R::kTopP, R"({"error":{"message":"Unsupported parameter: 'top_p' is not supported with this model.","type":"invalid_request_error","param":"top_p","code":"unsupported_parameter"}})"},
    {"OpenAI, by its code", R::kTopP, R"({"error":{"message":"Invalid request.","param":"top_p","code":"unsupported_parameter"}})"},
    {"OpenAI", R::kResponseFormat, R"({"error":{"message":"Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model. Learn more about supported models at the Structured Outputs guide.","type":"invalid_request_error","param":null,"code":null}})"},
    {"OpenAI", R::kResponseFormat, R"({"error":{"message":"Invalid value: 'json_schema'. Supported values are: 'json_object' and 'text'.","param":"response_format.type","code":"invalid_value"}})"},
    {"Azure", R::kTopP, R"({"error":{"message":"Unrecognized request argument supplied: top_p","type":"invalid_request_error","param":null,"code":null}})"},
    {"Azure", R::kStreamOptions, R"({"error":{"message":"Unrecognized request argument supplied: stream_options"}})"},
    {"Azure", R::kTemperature, R"({"error":{"message":"Unrecognized request arguments supplied: temperature, top_p"}})"},
    {"FastAPI", R::kStreamOptions, R"({"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted","input":{"include_usage":true}}]})"},
    {"FastAPI v1", R::kStreamOptions, R"({"detail":[{"loc":["body","stream_options"],"msg":"extra fields not permitted","type":"value_error.extra"}]})"},
    {"FastAPI", R::kResponseFormat, R"({"detail":[{"type":"literal_error","loc":["body","response_format","type"],"msg":"Input should be 'text' or 'json_object'"}]})"},
    {"Mistral", R::kStreamOptions, R"({"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted"}]},"type":"invalid_request_error"})"},
    {"a relay", R::kStreamOptions, R"({"error":{"message":"Extra inputs are not permitted: stream_options"}})"},
    {"NIM", R::kStreamOptions, R"({"object":"error","message":"[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options'), 'msg': 'Extra inputs are not permitted', 'input': {'include_usage': True}}]","type":"BadRequestError","param":null,"code":400})"},
    {"Go", R::kStreamOptions, R"({"error":{"message":"json: unknown field \"stream_options\""}})"},
    {"serde", R::kStreamOptions, "Failed to deserialize the JSON body into the target type: unknown field `stream_options`, expected one of `model`, `messages`, `temperature` at line 1 column 90"},
    {"Gemini", R::kStreamOptions, R"([{"error":{"code":400,"message":"Invalid JSON payload received. Unknown name \"stream_options\": Cannot find field.","status":"INVALID_ARGUMENT"}}])"},
    {"Bedrock", R::kStreamOptions, R"({"message":"Malformed input request: #: extraneous key [stream_options] is not permitted, please reformat your input and try again."})"},
    {"Python", R::kStreamOptions, R"({"error":"Completions.create() got an unexpected keyword argument 'stream_options'"})"},
    {"jsonschema", R::kStreamOptions, R"j({"error":{"message":"Additional properties are not allowed ('stream_options' was unexpected)"}})j"},
    {"Claude", R::kTopPWithTemperature, R"({"error":{"message":"`temperature` and `top_p` cannot both be specified for this model. Please use only one.","type":"invalid_request_error"}})"},
    {"a relay", R::kTopPWithTemperature, R"({"error":{"message":"top_p is not supported when temperature is set"}})"},
    {"Claude", R::kTemperature, R"({"type":"error","error":{"type":"invalid_request_error","message":"`temperature` is deprecated for this model."}})"},
    {"Claude that thinks", R::kTemperatureValue, R"({"error":{"message":"`temperature` may only be set to 1 when thinking is enabled. Please consult our documentation."}})"},
    {"Kimi", R::kTemperatureValue, R"({"error":{"message":"invalid temperature: only 1 is allowed for this model","type":"invalid_request_error"}})"},
    {"Kimi", R::kTemperature, R"({"error":{"message":"invalid temperature: only 0.6 is allowed for this model","type":"invalid_request_error"}})"},
    {"xAI", R::kTemperature, R"({"code":"Client specified an invalid argument","error":"Argument not supported on this model: temperature"})"},
    {"LiteLLM", R::kTemperature, R"({"error":{"message":"litellm.UnsupportedParamsError: azure does not support parameters: ['temperature'], for model=o3.","type":"None","param":"None","code":"400"}})"},
    {"OpenRouter", R::kTopP, R"({"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":{\"message\":\"top_p isn't supported by this model\"}}"}}})"},
    {"Codex", R::kMaxTokens, R"({"detail":"Unsupported parameter: max_output_tokens"})"},
    {"an old relay", R::kMaxCompletionTokens, R"({"error":{"message":"Unrecognized request argument supplied: max_completion_tokens"}})"},
    {"DeepSeek", R::kResponseFormat, R"({"error":{"message":"This response_format type is unavailable now","type":"invalid_request_error"}})"},
    {"Groq", R::kResponseFormat, R"({"error":{"message":"This model does not support response format `json_schema`. See supported models.","type":"invalid_request_error"}})"},
    {"LM Studio", R::kResponseFormat, R"({"error":"'response_format.type' must be 'json_schema' or 'text'"})"},
    {"SiliconFlow", R::kResponseFormat, R"({"code":20024,"message":"Json mode is not supported for this model.","data":null})"},
    {"in Chinese", R::kTopP, R"({"error":{"message":"参数 top_p 不支持"}})"},
};

const absl::string_view kNotRefused[] = {
    R"({"error":{"message":"Invalid 'temperature': decimal above maximum value. Expected a value <= 2, but got 3 instead.","param":"temperature","code":"decimal_above_max_value"}})",
    R"({"error":{"message":"max_tokens is too large: 2048. This model supports at most 1024 completion tokens.","param":"max_tokens","code":null}})",
    R"({"error":{"message":"This model does not support max_tokens greater than 1024."}})",
    R"({"error":{"message":"temperature must be between 0 and 1; others are not supported"}})",
    R"({"detail":[{"type":"less_than_equal","loc":["body","top_p"],"msg":"Input should be less than or equal to 1"}]})",
    R"({"error":{"message":"Unsupported parameter: 'logprobs' is not supported with stream_options.","param":"logprobs","code":"unsupported_parameter"}})",
    R"({"error":{"message":"logprobs is not supported when stream_options is set"}})",
    R"({"error":{"message":"unknown field `foo`, expected one of `temperature`, `top_p`, `max_tokens`"}})",
    R"({"error":{"message":"Invalid schema for response_format 'x': In context=('properties', 'n'), 'minimum' is not permitted.","param":"response_format","code":null}})",
    R"({"error":{"message":"'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.","param":"messages"}})",
    R"({"error":{"message":"Missing required parameter: 'response_format.json_schema.schema'.","param":"response_format.json_schema.schema","code":"missing_required_parameter"}})",
    R"({"error":{"message":"Invalid image: the media type is not supported"}})",
    R"({"error":{"message":"max_tokens must be greater than thinking.budget_tokens"}})",
    R"({"error":{"message":"Unknown error"}})",
    "<html><body>temperature is not supported</body></html>",
    "",
};
// clang-format on

TEST(ParameterRefusalTest, UnderstandsTheWordsOfManyFamilies) {
  for (const Case& one : kRefused) {
    EXPECT_EQ(Read(one.body), WireRefusalName(one.expected))
        << one.from << ": " << one.body;
  }
}

TEST(ParameterRefusalTest, AValueOrASchemaOrAnotherParameterIsNotRefused) {
  for (const absl::string_view body : kNotRefused) {
    EXPECT_EQ(Read(body), "") << body;
  }
}

TEST(ParameterRefusalTest, WhatTheCallerSaidIsNotTheUpstreamsWord) {
  const std::string query =
      "Why does it say that temperature is not supported?";
  const std::string body =
      R"({"error":{"message":"cannot read: )" + query + R"("}})";
  EXPECT_EQ(Read(body, query), "");
  EXPECT_EQ(Read(body), "temperature");
  EXPECT_EQ(Read(body, "Why does it"), "temperature") << "another text";
}

TEST(ParameterRefusalTest, AQuotedEchoIsNoWordOfTheUpstreamEither) {
  const std::string query = "Is 'stream_options' an unknown field?";
  EXPECT_EQ(
      Read(R"({"error":{"message":"bad input \")" + query + R"(\""}})", query),
      "");
}

TEST(ParameterRefusalTest, TheFirstParameterOfASentenceIsItsSubject) {
  EXPECT_EQ(ReadText("top_p is not supported, nor is temperature"), "top_p");
  EXPECT_EQ(ReadText("With stream_options off: fine. top_p is not supported."),
            "top_p");
}

TEST(ParameterRefusalTest, AHostileBodyTakesLittleTime) {
  std::string text;
  while (text.size() < 60'000) text += "temperature only only 1. when ; ";
  ReadText(text);
}

}  // namespace
}  // namespace holysheep
