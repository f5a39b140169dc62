#include "openai/error_table.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "openai/error_words.h"

namespace holysheep {
namespace {

constexpr int kStatuses[] = {0, 400, 403, 413, 422, 429, 500, 503};

Reason ReasonFor(int status, absl::string_view body, bool has_wait = false) {
  const ErrorWords words = ReadErrorWords(body);
  return MeaningOf({status, words.search, has_wait || words.wait.has_value()})
      .reason;
}

std::string Saying(absl::string_view message) {
  return absl::StrCat(R"({"error":{"message":")", message, R"("}})");
}

void ExpectAtEveryStatus(Reason reason,
                         const std::vector<std::string>& messages) {
  for (const std::string& message : messages) {
    for (const int status : kStatuses) {
      EXPECT_EQ(ReasonName(ReasonFor(status, Saying(message))),
                ReasonName(reason))
          << status << " " << message;
    }
  }
}

TEST(ErrorTableTest, ATooLongPromptIsKnownByItsWordsAtAnyStatus) {
  ExpectAtEveryStatus(
      Reason::kContextLength,
      {"Context size has been exceeded.",
       "the request exceeds the available context size, try increasing it",
       "request (9000 tokens) exceeds the available context size (4096 tokens)",
       "prompt is too long: 213462 tokens > 200000 maximum",
       "input length and `max_tokens` exceed context limit: 195000 + 8192 > "
       "200000, decrease input length or `max_tokens` and try again",
       "The input token count (1196265) exceeds the maximum number of tokens "
       "allowed (1048575).",
       "This model's maximum context length is 8192 tokens. However, you "
       "requested 9100 tokens",
       "Prompt contains 40000 tokens and 0 draft tokens, too large for model "
       "with 32768 maximum context length",
       "Range of input length should be [1, 129024]",
       "Input token length too long",
       "Invalid request: Your request exceeded model token limit: 262144",
       "length of prompt_tokens (40000) must be less than max_seq_len (32768).",
       "input length exceeds the context length",
       "Request too large for model `llama` in organization `o` on tokens per "
       "minute (TPM): Limit 6000, Requested 7000, please reduce your message "
       "size and try again.",
       "Please reduce the length of the messages or completion.",
       "This model's maximum prompt length is 131072 but the request contains "
       "537812 tokens.",
       "This endpoint's maximum context length is 131072 tokens.",
       "Input is too long for requested model.",
       "prompt too long; exceeded max context length by 4 tokens",
       "The input (300 tokens) is longer than the model's context length (200 "
       "tokens).",
       "Your input exceeds the context window of this model",
       "invalid params, context window exceeds limit",
       "`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000"});
}

TEST(ErrorTableTest, ATooLongPromptIsKnownInRarerWordsToo) {
  ExpectAtEveryStatus(
      Reason::kContextLength,
      {"Unable to submit request because the input token count is 1200000 but "
       "model only supports up to 1048576.",
       "The prompt (total length 5000) is too long to fit into the model",
       "the model is loaded with context length of only 4096 tokens",
       "total number of tokens in the prompt cannot exceed 4081",
       "Request body too large for gpt-4o model. Max size: 8000 tokens.",
       "Total tokens of image and text exceed max message tokens",
       "`inputs` must have less than 4095 tokens. Given: 5000",
       "prompt tokens too long", "Requested 140000 tokens exceed the context",
       "The estimated number of input and maximum output tokens (8968) "
       "exceeded this model context window limit (8192).",
       "The prompt length 300000 exceeds the model's maximum of 256000",
       "token数量超过上限"});
}

TEST(ErrorTableTest, WhatOnlySoundsLikeATooLongPromptIsNone) {
  for (const absl::string_view message :
       {"max_tokens is too large: 100000. This model supports at most 16384 "
        "completion tokens",
        "Range of max_tokens should be [1, 8192]", "stop is too long",
        "'user' is too long", "the number of images in the prompt exceeds 16",
        "Invalid value for content: 'my prompt is too long'.",
        "Unknown parameter: `context_length_exceeded`"}) {
    EXPECT_EQ(ReasonName(ReasonFor(400, Saying(message))), "INVALID_ARGUMENT")
        << message;
  }
  const absl::string_view kTooFast =
      "This would exceed your rate limit. Reduce the length of the prompt, or "
      "try again later.";
  EXPECT_EQ(ReasonFor(429, Saying(kTooFast), /*has_wait=*/true),
            Reason::kRateLimitedUpstream);
  EXPECT_EQ(ReasonFor(429, Saying("Too many tokens, please wait before "
                                  "trying again.")),
            Reason::kRateLimitedUpstream);
}

TEST(ErrorTableTest, ARefusedPromptIsKnownByItsWordsAtAnyStatus) {
  ExpectAtEveryStatus(
      Reason::kContentFilter,
      {"Your input was flagged by moderation",
       "The response was filtered due to the prompt triggering Azure OpenAI's "
       "content management policy",
       "Your request was rejected as a result of our safety system",
       "your prompt was flagged as potentially violating our usage policy",
       "Output blocked by content filtering policy", "Content Exists Risk",
       "Input data may contain inappropriate content.",
       "Content violates usage guidelines", "Moderation failed",
       "The request was rejected because it was considered high risk",
       "input new_sensitive", "blocked for safety reasons",
       "系统检测到输入或生成内容可能包含不安全或敏感内容"});
  EXPECT_EQ(ReasonFor(403, Saying("Your account has been flagged for abuse")),
            Reason::kUpstreamAuth);
}

TEST(ErrorTableTest, AnUnknownModelIsKnownByItsWordsAtAnyStatus) {
  for (const int status : kStatuses) {
    EXPECT_EQ(ReasonFor(status,
                        R"({"error":{"message":"No available channel for model)"
                        R"( gpt-9","code":"model_not_found"}})"),
              Reason::kModelNotFound)
        << status;
  }
  ExpectAtEveryStatus(Reason::kModelNotFound,
                      {"Model Not Exist", "The model `gpt-9` does not exist",
                       "model 'gpt-9' not found, try pulling it first",
                       "gpt-9 is not a valid model ID", "Invalid model: gpt-9",
                       "The model `x` has been decommissioned"});
  EXPECT_EQ(ReasonFor(500, Saying("model runner: file not found")),
            Reason::kUpstream5xx);
}

TEST(ErrorTableTest, AnAccountThatIsUsedUpIsNoRateLimit) {
  for (const absl::string_view message :
       {"Insufficient Balance", "insufficient balance, please recharge",
        "You exceeded your current quota, please check your plan and billing "
        "details.",
        "Your credit balance is too low to access the Anthropic API.",
        "user quota is not enough", "账户余额不足，请充值",
        "预扣费额度失败, 用户剩余额度: ¥0.01",
        "Your newly created team doesn't have any credits yet.",
        "The free tier of the model has been exhausted.",
        "Access denied, please make sure your account is in good standing."}) {
    for (const int status : {0, 400, 402, 403, 429}) {
      EXPECT_EQ(ReasonName(ReasonFor(status, Saying(message))),
                "UPSTREAM_QUOTA")
          << status << " " << message;
    }
    EXPECT_EQ(ReasonFor(429, Saying(message), /*has_wait=*/true),
              Reason::kRateLimitedUpstream);
    EXPECT_EQ(ReasonFor(500, Saying(message)), Reason::kUpstream5xx);
  }
  EXPECT_EQ(ReasonFor(402, ""), Reason::kUpstreamQuota);
  for (const absl::string_view code : {"insufficient_quota", "Arrearage"}) {
    const std::string body = absl::StrCat(
        R"({"error":{"message":"Please retry in 5s","code":")", code, R"("}})");
    EXPECT_EQ(ReasonFor(429, body, /*has_wait=*/true), Reason::kUpstreamQuota);
    EXPECT_EQ(ReasonFor(400, body), Reason::kUpstreamQuota);
  }
}

TEST(ErrorTableTest, AKeyIsRefusedBySayingSoAndAccessOtherwise) {
  const auto explained = [](int status, absl::string_view body) {
    return std::string(
        MeaningOf({status, ReadErrorWords(body).search}).explanation);
  };
  for (const int status : {400, 403}) {
    EXPECT_EQ(ReasonFor(status, Saying("API key not valid. Please pass one.")),
              Reason::kUpstreamAuth);
    EXPECT_EQ(explained(status, Saying("Your API key is disabled")),
              "the upstream refuses the API key");
  }
  EXPECT_EQ(explained(401, ""), "the upstream refuses the API key");
  EXPECT_NE(explained(403, "<html>Blocked</html>").find("refuses access"),
            std::string::npos);
  EXPECT_EQ(ReasonFor(403, ""), Reason::kUpstreamAuth);
  EXPECT_EQ(ReasonFor(400, Saying("'what is an API key' is no valid prompt")),
            Reason::kInvalidArgument);
  EXPECT_EQ(ReasonFor(422, Saying("api key")), Reason::kInvalidArgument);
}

TEST(ErrorTableTest, WhereTheRequestIsRepeatedNoWordsAreLookedFor) {
  for (const absl::string_view body :
       {R"({"detail":[{"loc":["body","messages"],"msg":"field required",)"
        R"("input":"my API key, content_filter, insufficient balance"}]})",
        R"({"error":{"message":"1 error [input_value='the API key is )"
        R"(flagged by moderation', input_type=str]"}})",
        R"({"error":{"message":"bad value \"prompt is too long\" in it"}})",
        R"({"error":{"message":"bad value «prompt is too long» in it"}})",
        R"({"error":{"message":"bad value 「prompt is too long」 in it"}})",
        R"({"error":{"message":"no","param":"context_length_exceeded"}})",
        R"({"x":"context_length_exceeded"})"}) {
    EXPECT_EQ(ReasonName(ReasonFor(400, body)), "INVALID_ARGUMENT") << body;
  }
}

TEST(ErrorTableTest, AStatusWithoutKnownWordsSpeaksForItself) {
  const std::pair<int, Reason> cases[] = {
      {0, Reason::kUpstream5xx},         {100, Reason::kUpstreamMalformed},
      {300, Reason::kUpstreamMalformed}, {301, Reason::kUpstreamConnect},
      {307, Reason::kUpstreamConnect},   {308, Reason::kUpstreamConnect},
      {309, Reason::kUpstreamMalformed}, {400, Reason::kInvalidArgument},
      {404, Reason::kModelNotFound},     {405, Reason::kInvalidArgument},
      {408, Reason::kUpstream5xx},       {409, Reason::kUpstream5xx},
      {425, Reason::kUpstream5xx},       {429, Reason::kRateLimitedUpstream},
      {500, Reason::kUpstream5xx},       {529, Reason::kUpstream5xx},
      {599, Reason::kUpstream5xx},       {600, Reason::kUpstreamMalformed},
  };
  for (const auto& [status, reason] : cases) {
    EXPECT_EQ(ReasonFor(status, "oh no"), reason) << status;
  }
  EXPECT_TRUE(MeaningOf({302, ""}).lasting);
  EXPECT_FALSE(MeaningOf({500, ""}).lasting);
}

}  // namespace
}  // namespace holysheep
