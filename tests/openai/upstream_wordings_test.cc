// Whole refusals as the families of upstreams send them.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "http/retry_after.h"
#include "openai/error_table.h"
#include "openai/error_words.h"

namespace holysheep {
namespace {

constexpr int kStatuses[] = {400, 413, 422, 429, 500, 503};

std::string ReasonFor(int status, absl::string_view body,
                      bool has_wait = false) {
  const ErrorWords words = ReadErrorWords(body);
  return std::string(ReasonName(
      MeaningOf({status, words.search, has_wait || words.wait.has_value()})
          .reason));
}

// clang-format off
constexpr absl::string_view kTooLong[] = {
    // llama.cpp, LM Studio
    R"j({"error":{"code":400,"message":"request (9000 tokens) exceeds the available context size (4096 tokens), try increasing it","type":"exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":4096}})j",
    R"j({"error":{"code":500,"message":"Context size has been exceeded.","type":"server_error"}})j",
    R"j({"error":"Trying to keep the first 5000 tokens when context the overflows. However, the model is loaded with context length of only 4096 tokens, which is not enough."})j",
    R"j({"error":"The number of tokens to keep from the initial prompt is greater than the context length."})j",
    // Claude
    R"j({"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 208310 tokens > 200000 maximum"}})j",
    R"j({"type":"error","error":{"type":"invalid_request_error","message":"input length and `max_tokens` exceed context limit: 188240 + 21333 > 200000, decrease input length or `max_tokens` and try again"}})j",
    R"j({"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}})j",
    // Gemini
    R"j([{"error":{"code":400,"message":"The input token count (1196265) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}])j",
    R"j({"error":{"code":400,"message":"Unable to submit request because the input token count is 1200000 but model only supports up to 1048576. Reduce the input token count and try again."}})j",
    // vLLM, SGLang
    R"j({"object":"error","message":"This model's maximum context length is 8192 tokens. However, you requested 9100 tokens in the messages, Please reduce the length of the messages.","type":"BadRequestError","param":null,"code":400})j",
    R"j({"error":{"message":"The decoder prompt (length 40000) is longer than the maximum model length of 32768. Make sure that `max_model_len` is no smaller than the number of text tokens.","type":"BadRequestError","code":400}})j",
    R"j({"object":"error","message":"The input (5000 tokens) is longer than the model's context length (4096 tokens).","code":400})j",
    R"j({"object":"error","message":"Requested token count exceeds the model's maximum context length of 32768 tokens."})j",
    // Mistral
    R"j({"object":"error","message":{"detail":"Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length"},"type":"invalid_request_prompt","code":"3051"})j",
    // Qwen
    R"j({"error":{"message":"<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 129024]","type":"invalid_request_error","code":"invalid_parameter_error"},"request_id":"x"})j",
    // Moonshot
    R"j({"error":{"message":"Invalid request: Your request exceeded model token limit: 8192 (requested: 9001)","type":"invalid_request_error"}})j",
    R"j({"error":{"message":"Input token length too long","type":"invalid_request_error"}})j",
    // SiliconFlow
    R"j({"code":20015,"message":"length of prompt_tokens (40000) must be less than max_seq_len (32768).","data":null})j",
    R"j({"code":20015,"message":"max_total_tokens (33000) must be less than or equal to max_seq_len (32768)","data":null})j",
    // Groq, OpenAI
    R"j({"error":{"message":"Request too large for model `llama-3.1-8b-instant` in organization `org_1` service tier `on_demand` on tokens per minute (TPM): Limit 6000, Requested 7043, please reduce your message size and try again.","type":"tokens","code":"rate_limit_exceeded"}})j",
    R"j({"error":{"message":"Request too large for gpt-4o in organization org-1 on tokens per min (TPM): Limit 30000, Requested 40000. The input or output tokens must be reduced in order to run successfully.","type":"tokens","code":"rate_limit_exceeded"}})j",
    R"j({"error":{"message":"Your input exceeds the context window of this model. Please adjust your input and try again.","code":"context_length_exceeded"}})j",
    // xAI
    R"j({"code":"Client specified an invalid argument","error":"This model's maximum prompt length is 131072 but the request contains 537812 tokens."})j",
    // Zhipu
    R"j({"error":{"code":"1261","message":"Prompt 超长"}})j",
    R"j({"error":{"code":"1261","message":"Prompt exceeds max length"}})j",
    // Ollama
    R"j({"error":"prompt too long; exceeded max context length by 4 tokens"})j",
    R"j({"error":{"message":"input length exceeds the context length","type":"api_error"}})j",
    // OpenRouter
    R"j({"error":{"message":"This endpoint's maximum context length is 131072 tokens. However, you requested about 200000 tokens. Please reduce the length of either one, or use the \"middle-out\" transform to compress your prompt automatically.","code":400}})j",
    R"j({"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"error\":{\"message\":\"prompt is too long: 213462 tokens > 200000 maximum\"}}","provider_name":"X"}}})j",
    // Azure, Bedrock
    R"j({"error":{"message":"This model's maximum context length is 16385 tokens. However, your messages resulted in 20000 tokens. Please reduce the length of the messages.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}})j",
    R"j({"message":"Input is too long for requested model."})j",
    R"j({"message":"Malformed input request: expected maxLength: 200000, actual: 250000, please reformat your input and try again."})j",
    // DeepSeek, MiniMax
    R"j({"error":{"message":"This model's maximum context length is 65536 tokens. However, you requested 69648 tokens (69648 in the messages, 0 in the completion).","type":"invalid_request_error","code":"invalid_request_error"}})j",
    R"j({"type":"error","error":{"type":"invalid_request_error","message":"invalid params, context window exceeds limit (2013)"}})j",
    R"j({"base_resp":{"status_code":2013,"status_msg":"invalid params, context window exceeds limit"}})j",
};
// clang-format on

TEST(UpstreamWordingsTest, ATooLongPromptIsOneWhateverTheStatusAndTheWait) {
  for (const absl::string_view body : kTooLong) {
    for (const int status : kStatuses) {
      EXPECT_EQ(ReasonFor(status, body), "CONTEXT_LENGTH") << status << body;
      EXPECT_EQ(ReasonFor(status, body, true), "CONTEXT_LENGTH") << body;
    }
  }
}

TEST(UpstreamWordingsTest, AnAccountThatIsUsedUpIsOne) {
  for (
      const absl::string_view body : {
          // OpenAI, Azure
          R"j({"error":{"message":"You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}})j",
          R"j({"error":{"message":"Billing hard limit has been reached","type":"invalid_request_error","code":"billing_hard_limit_reached"}})j",
          // Moonshot
          R"j({"error":{"message":"Your account org-1<ak-1> is suspended, please check your plan and billing details","type":"exceeded_current_quota_error"}})j",
          // DeepSeek, MiniMax
          R"j({"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}})j",
          R"j({"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}})j",
          // Qwen
          R"j({"error":{"message":"Access denied, please make sure your account is in good standing.","type":"Arrearage","code":"Arrearage"}})j",
          R"j({"error":{"message":"The free tier of the model has been exhausted. If you wish to continue access, disable the free tier only mode.","code":"AllocationQuota.FreeTierOnly"}})j",
          // SiliconFlow
          R"j({"code":30001,"message":"Sorry, your account balance is insufficient","data":null})j",
          R"j({"code":30011,"message":"The selected model requires paid balance. Your paid balance is insufficient. Please top up and try again.","data":null})j",
          // Zhipu
          R"j({"error":{"code":"1113","message":"您的账户已欠费，请充值后重试"}})j",
          R"j({"error":{"code":"1113","message":"余额不足或无可用资源包,请充值。"}})j",
          R"j({"error":{"code":"1113","message":"Insufficient balance or no resource package. Please recharge."}})j",
          // Claude
          R"j({"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits."}})j",
          R"j({"type":"error","error":{"type":"invalid_request_error","message":"You have reached your specified API usage limits. You will regain access on 2026-12-01 at 00:00 UTC."}})j",
          // xAI, Ollama, OpenRouter
          R"j({"code":"The caller does not have permission to execute the specified operation","error":"Your team 1 has either used all available credits or reached its monthly spending limit."})j",
          R"j({"error":"you have reached your weekly usage limit, upgrade for higher limits"})j",
          R"j({"error":{"message":"Insufficient credits. Add more using https://openrouter.ai/settings/credits","code":402}})j",
          R"j({"error":{"message":"Key limit exceeded (total limit). Manage it using https://openrouter.ai/settings/keys","code":403}})j",
          // one-api, new-api
          R"j({"error":{"message":"user quota is not enough","type":"new_api_error","code":"insufficient_user_quota"}})j",
          R"j({"error":{"message":"该令牌额度已用尽","type":"one_api_error"}})j",
      }) {
    for (const int status : {400, 402, 403, 429}) {
      EXPECT_EQ(ReasonFor(status, body), "UPSTREAM_QUOTA") << status << body;
    }
  }
}

TEST(UpstreamWordingsTest, AQuotaThatNamesAWaitIsARate) {
  constexpr absl::string_view kGemini =
      R"j({"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details. Please retry in 36.837s.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"36s"}]}})j";
  EXPECT_EQ(ReasonFor(429, kGemini), "RATE_LIMITED_UPSTREAM");
  EXPECT_EQ(ReadErrorWords(kGemini).wait, absl::Seconds(36));
  constexpr absl::string_view kOpenAi =
      R"j({"error":{"message":"You exceeded your current quota.","code":"insufficient_quota"}})j";
  EXPECT_EQ(ReasonFor(429, kOpenAi, /*has_wait=*/true), "UPSTREAM_QUOTA");
  EXPECT_EQ(ReasonFor(402, "{}", /*has_wait=*/true), "UPSTREAM_QUOTA");
}

TEST(UpstreamWordingsTest, ARateIsARate) {
  for (
      const absl::string_view body : {
          R"j({"error":{"message":"Rate limit reached for model `llama3-70b-8192` in organization `org_1` on tokens per minute (TPM): Limit 7000, Used 0, Requested ~3903. Please try again in 20s. Visit the docs.","type":"tokens","code":"rate_limit_exceeded"}})j",
          R"j({"error":{"code":"429","message":"Your requests to gpt-4 have exceeded the token rate limit for your current AIServices S0 pricing tier. Please retry after 20 seconds. Please contact Azure support service if you would like to further increase the default rate limit."}})j",
          R"j({"error":{"code":"429","message":"Rate limit is exceeded. Try again in 20 seconds."}})j",
          R"j({"error":{"message":"Your account reached max request: 3, please try again after 20 seconds","type":"rate_limit_reached_error"}})j",
          R"j({"error":{"message":"You are too fast. Please wait 20 seconds"}})j",
      }) {
    EXPECT_EQ(ReasonFor(429, body), "RATE_LIMITED_UPSTREAM") << body;
    EXPECT_EQ(ReadErrorWords(body).wait, absl::Seconds(20)) << body;
  }
  for (
      const absl::string_view body :
      {R"j({"message":"Too many tokens, please wait before trying again."})j",
       R"j({"error":{"code":"1302","message":"您当前使用该API的并发数过高，请降低并发"}})j",
       R"j({"error":{"message":"Requests rate limit exceeded, please try again later."}})j",
       "Too Many Requests", "<html><h1>429</h1></html>", ""}) {
    EXPECT_EQ(ReasonFor(429, body), "RATE_LIMITED_UPSTREAM") << body;
    EXPECT_EQ(ReadErrorWords(body).wait, std::nullopt) << body;
  }
}

TEST(UpstreamWordingsTest, ARefusedPromptIsOneWhateverTheStatus) {
  for (
      const absl::string_view body : {
          R"j({"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","code":"content_filter","status":400}})j",
          R"j({"error":{"message":"Invalid prompt: your prompt was flagged as potentially violating our usage policy. Please try again with a different prompt.","code":"invalid_prompt"}})j",
          R"j({"error":{"message":"<400> InternalError.Algo.DataInspectionFailed: Input text data may contain inappropriate content.","code":"data_inspection_failed"}})j",
          R"j({"error":{"message":"Content Exists Risk","type":"invalid_request_error","code":"invalid_request_error"}})j",
          R"j({"error":{"code":"421","message":"Moderation Block","param":"The request was rejected because it was considered high risk","type":"content_filter"}})j",
          R"j({"error":{"message":"The request was rejected because it was considered high risk","type":"content_filter"}})j",
          R"j({"contentFilter":[{"level":1,"role":"user"}],"error":{"code":"1301","message":"系统检测到输入或生成内容可能包含不安全或敏感内容，请您避免输入易产生敏感内容的提示语，感谢您的配合。"}})j",
          R"j({"base_resp":{"status_code":1026,"status_msg":"input new_sensitive"}})j",
          R"j({"error":"Content violates usage guidelines. Failed check: SAFETY_CHECK_TYPE_DATA_LEAKAGE"})j",
          R"j({"error":{"code":403,"message":"This model requires moderation. Your input was flagged","metadata":{"reasons":["violence"],"flagged_input":"x"}}})j",
          R"j({"type":"error","error":{"type":"invalid_request_error","message":"Output blocked by content filtering policy"}})j",
          R"j({"error":{"code":400,"message":"The prompt could not be submitted. This prompt contains sensitive words that violate Responsible AI practices."}})j",
          R"j({"error":{"message":"Your request was rejected as a result of our safety system.","code":"moderation_blocked"}})j",
      }) {
    for (const int status : {400, 403, 422, 429, 500, 503}) {
      EXPECT_EQ(ReasonFor(status, body), "CONTENT_FILTER") << status << body;
    }
  }
}

TEST(UpstreamWordingsTest, AnUnknownModelIsOneWhateverTheStatus) {
  for (
      const absl::string_view body : {
          R"j({"error":{"message":"The model `gpt-9` does not exist or you do not have access to it.","type":"invalid_request_error","param":null,"code":"model_not_found"}})j",
          R"j({"error":{"message":"No available channel for model gpt-9 under group default","type":"new_api_error","code":"model_not_found"}})j",
          R"j({"error":{"message":"当前分组 default 下对于模型 gpt-9 无可用渠道","type":"new_api_error"}})j",
          R"j({"error":{"message":"Model Not Exist","type":"invalid_request_error","param":null,"code":"invalid_request_error"}})j",
          R"j({"error":{"message":"Not found the model gpt-9 or Permission denied","type":"resource_not_found_error"}})j",
          R"j({"object":"error","message":"Invalid model: gpt-9","type":"invalid_model","code":"1500"})j",
          R"j({"code":20012,"message":"Model does not exist. Please check it carefully.","data":null})j",
          R"j({"error":{"message":"gpt-9 is not a valid model ID","code":400}})j",
          R"j({"error":{"message":"No endpoints found for a/gpt-9.","code":404}})j",
          R"j({"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}})j",
          R"j({"message":"The provided model identifier is invalid."})j",
          R"j({"type":"error","error":{"type":"bad_request_error","message":"invalid params, unknown model 'gpt-9' (2013)"}})j",
      }) {
    for (const int status : {400, 403, 404, 422, 429, 500, 503}) {
      EXPECT_EQ(ReasonFor(status, body), "MODEL_NOT_FOUND") << status << body;
    }
  }
  for (
      const absl::string_view body : {
          R"j({"error":"model 'gpt-9' not found, try pulling it first"})j",
          R"j({"error":{"code":404,"message":"models/gpt-9 is not found for API version v1beta, or is not supported for generateContent."}})j",
          R"j({"type":"error","error":{"type":"not_found_error","message":"model: claude-9"}})j",
          R"j({"error":{"code":"1211","message":"模型不存在，请检查模型代码。"}})j",
      }) {
    EXPECT_EQ(ReasonFor(404, body), "MODEL_NOT_FOUND") << body;
  }
}

TEST(UpstreamWordingsTest, AKeyThatIsRefusedIsOne) {
  for (
      const absl::string_view body : {
          R"j([{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"reason":"API_KEY_INVALID"}]}}])j",
          R"j({"code":"Client specified an invalid argument","error":"Incorrect API key provided: xa***1B."})j",
          R"j({"error":{"message":"Your API key is disabled","type":"x"}})j",
      }) {
    for (const int status : {400, 401, 403}) {
      EXPECT_EQ(ReasonFor(status, body), "UPSTREAM_AUTH") << body;
    }
  }
  EXPECT_EQ(ReasonFor(403,
                      "<!DOCTYPE html><title>Attention Required! | "
                      "Cloudflare</title><p>insufficient balance, "
                      "moderation, model_not_found"),
            "UPSTREAM_AUTH");
}

TEST(UpstreamWordingsTest, OrdinaryRefusalsStayOrdinary) {
  for (const absl::string_view message :
       {"max_tokens is too large: 100000. This model supports at most 16384 "
        "completion tokens, whereas you provided 100000.",
        "The maximum tokens you requested exceeds the model limit of 32768",
        "temperature must be between 0 and 2",
        "Unsupported parameter: 'max_tokens' is not supported with this model. "
        "Use 'max_completion_tokens' instead.",
        "messages: at least one message is required",
        "Invalid schema for response_format 'x': schema must be an object",
        "image is too large", "tool name is too long",
        "Invalid value: 'insufficient balance'.",
        "cannot parse \\\"Your input was flagged by moderation\\\"",
        "unknown field `model_not_found`", "n must be 1"}) {
    const std::string body = absl::StrCat(
        R"({"error":{"message":")", message,
        R"(","type":"invalid_request_error","param":"content_filter"}})");
    EXPECT_EQ(ReasonFor(400, body), "INVALID_ARGUMENT") << body;
    EXPECT_EQ(ReasonFor(422, body), "INVALID_ARGUMENT") << body;
    EXPECT_EQ(ReasonFor(500, body), "UPSTREAM_5XX") << body;
  }
}

TEST(UpstreamWordingsTest, EveryHeaderThatNamesAWaitIsRead) {
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  for (const auto& [name, value] :
       std::vector<std::pair<std::string, std::string>>{
           {"retry-after", "20"},
           {"retry-after", "20.0"},
           {"retry-after", "20s"},
           {"retry-after", "Fri, 15 Jan 2027 08:00:20 GMT"},
           {"retry-after", "Fri, 15 Jan 2027 08:00:20 UTC"},
           {"retry-after", "Friday, 15-Jan-27 08:00:20 GMT"},
           {"retry-after", "Fri Jan 15 08:00:20 2027"},
           {"retry-after", "2027-01-15T08:00:20Z"},
           {"retry-after-ms", "20000"},
           {"x-ratelimit-reset-requests", "20s"},
           {"x-ratelimit-reset-tokens", "0m20s"},
           {"x-ratelimit-reset-tokens", "20000ms"},
           {"x-ratelimit-reset", "1800000020"},
           {"x-ratelimit-reset", "1800000020000"},
           {"x-rate-limit-reset-tokens", "20"},
           {"anthropic-ratelimit-tokens-reset", "2027-01-15T08:00:20Z"},
           {"anthropic-ratelimit-requests-reset", "2027-01-15T09:00:20+01:00"},
       }) {
    EXPECT_EQ(RetryAfter({{name, value}}, now), absl::Seconds(20))
        << name << ": " << value;
  }
}

}  // namespace
}  // namespace holysheep
