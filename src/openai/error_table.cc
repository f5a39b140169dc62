#include "openai/error_table.h"

#include <algorithm>
#include <initializer_list>

#include "absl/strings/match.h"

namespace holysheep {
namespace {

// The statuses at which the words of a row count. A refusal that names a wait
// may be about a rate, although its words are those of a quota.
enum class At {
  kAny,
  kAnyBut429WithWait,
  kQuota,     // 400, 403, and without a wait 429 or no status
  kRefusal,   // 400, 403 and without a status
  k4xx,       // all 4xx, and without a status
  kNoStatus,  // only without a status: inside an answer that began well
};

// Words in lower case; `*` stands for up to kMaxGap bytes within a sentence.
struct Family {
  // Who is known to use them; others use them as well.
  absl::string_view name;
  std::initializer_list<absl::string_view> words;
};

struct Kind {
  // Each of these statuses matches without any words.
  int from;
  int to;
  At at;
  std::initializer_list<Family> families;
  ErrorMeaning meaning;
};

// Room for a model's name and a number between two words, but not for another
// topic.
constexpr size_t kMaxGap = 80;
// No status matches it, so that a row counts by its words only.
constexpr int kNever = -1;

constexpr ErrorMeaning kTooLong = {Reason::kContextLength,
                                   "the prompt is too long for the model"};
constexpr ErrorMeaning kUsedUp = {
    Reason::kUpstreamQuota, "the upstream account, or its plan, is used up"};
constexpr ErrorMeaning kNoModel = {
    Reason::kModelNotFound,
    "the upstream does not know the model, or upstream.base_url is wrong"};
constexpr ErrorMeaning kFailed = {Reason::kUpstream5xx, "the upstream failed"};

// clang-format off
// The rows in the order in which they are tried. A row with more telling words
// comes before one with vaguer words: `context length` before quota, quota
// before rate limits, all words before the bare statuses.
const Kind kKinds[] = {
    {kNever, kNever, At::kAny, {
      {"codes", {
        "context_length_exceeded", "context_window_exceed",
        "exceed_context_size", "contextwindowexceeded", "tokens_limit_reached",
        "max_prompt_tokens_exceeded", "prompt_too_long", "input_too_long",
        "request_too_large"}},
      {"OpenAI, Azure, DeepSeek, OpenRouter, vLLM, SGLang", {
        "maximum context length", "max context length", "maximum model length",
        "maximum context window", "maximum context size",
        "exceeds the context window", "maximum input length",
        "longer than the*context", "greater than the context",
        "exceeds the model*context", "exceeds*context length",
        "exceeds*context window", "exceeded*context window",
        "maximum allowed input length", "input tokens exceed",
        "context_window_exceed", "prompt token count*exceeds"}},
      {"llama.cpp, LM Studio", {
        "exceeds the available context", "context size has been exceeded",
        "context size exceed", "configured context size",
        "context window is full", "context length of only",
        "context length is only", "context overflow",
        "input is too large to process"}},
      {"Claude, Bedrock", {
        "prompt is too long", "exceed context limit", "input is too long",
        "input too long", "too many input tokens", "expected maxlength:"}},
      {"Gemini", {
        "input token count*exceeds", "exceeds the maximum number of tokens",
        "token count is*only supports up to"}},
      {"Mistral, Groq, GitHub", {
        "too large for model with", "request too large",
        "request body too large for"}},
      {"xAI, Zhipu, Moonshot", {
        "maximum prompt length", "prompt length*exceeds", "prompt 超长",
        "prompt exceeds max", "prompt exceeds the length",
        "prompt exceeds the model", "exceeded model token limit",
        "input token length too long", "输入过长"}},
      {"Qwen, SiliconFlow, MiniMax, Baidu, Volcengine, Hunyuan", {
        "range of input length should be", "length of prompt_tokens",
        "max_total_tokens", "context window exceed", "prompt tokens too long",
        "exceed max message tokens", "输入长度超", "上下文长度超", "超过最大长度",
        "超出最大长度", "token数量超过"}},
      {"Ollama", {
        "prompt too long", "exceeded*context length", "input length exceeds",
        "input length*exceeds", "context window of this model"}},
      {"Together, TGI, Cohere, Writer", {
        "tokens + must be <=", "tokens + max_new_tokens must be",
        "must be less than max_input_length", "must have less than*tokens",
        "tokens in the prompt cannot exceed", "too long to fit into the model",
        "tokens in request more than max tokens"}},
      {"any", {
        "exceeds the context", "exceeds context", "exceed the context",
        "context length exceed", "prompt has too many tokens"}}},
     kTooLong},
    // Advice that refusals of a rate give as well.
    {kNever, kNever, At::kAnyBut429WithWait, {
      {"OpenAI, Groq", {
        "reduce the length of the messages", "reduce the length of the prompt",
        "reduce the length of the input", "reduce the length of your",
        "reduce your prompt", "reduce your message size"}}},
     kTooLong},
    {kNever, kNever, At::kAny, {
      {"OpenAI, one-api", {
        "insufficient_quota", "insufficient_user_quota", "insufficientquota"}},
      {"Qwen", {"arrearage"}}},
     kUsedUp},
    {402, 402, At::kQuota, {
      {"OpenAI, Moonshot, Gemini, Azure", {
        "check your plan and billing", "check your billing",
        "exceeded your current quota", "exceeded_current_quota",
        "billing_hard_limit", "billing hard limit", "billing_not_active",
        "requires billing", "billing account*disabled"}},
      {"DeepSeek, SiliconFlow, MiniMax, Zhipu", {
        "insufficient balance", "insufficient_balance",
        "insufficient account balance", "balance is insufficient",
        "balance is not enough", "not enough balance", "余额不足", "欠费"}},
      {"Qwen, Volcengine", {
        "in arrears", "account in good standing",
        "account is in good standing", "accountoverdue", "overdue balance",
        "freetieronly", "free tier of the model has been exhausted"}},
      {"Claude, Bedrock", {
        "balance is too low", "usage limits. you will regain",
        "invalid_payment_instrument"}},
      {"xAI, Groq, Ollama", {
        "have any credits", "all available credits", "monthly spending limit",
        "spend limit", "weekly usage limit", "monthly usage limit"}},
      {"OpenRouter, Together, Hugging Face", {
        "insufficient credit", "insufficient fund", "not enough credit",
        "out of credit", "requires more credits", "key limit exceeded",
        "credit limit exceeded", "monthly included credits",
        "payment required", "payment_required"}},
      {"LiteLLM, one-api, new-api", {
        "budget has been exceeded", "budget_exceeded", "quota is not enough",
        "pre_consume_token_quota_failed", "额度不足", "额度已用尽", "预扣费额度失败"}}},
     kUsedUp},
    {kNever, kNever, At::kAny, {
      {"OpenAI, Azure", {
        "content_filter", "content filter", "content_policy", "content policy",
        "content management policy", "responsibleaipolicyviolation",
        "flagged as potentially", "safety system", "violat*usage polic",
        "violat*content polic"}},
      {"Qwen, DeepSeek, Moonshot", {
        "data_inspection_failed", "datainspectionfailed",
        "content exists risk", "considered high risk",
        "inappropriate content"}},
      {"Zhipu, MiniMax, Hunyuan, Volcengine", {
        "new_sensitive", "sensitivecontent", "sensitive content",
        "sensitive words", "unsafe or sensitive", "敏感内容", "敏感信息",
        "不安全或敏感", "内容安全", "违规内容", "违规信息"}},
      {"Gemini, Claude, Bedrock", {
        "prohibited_content", "prohibited content", "responsible ai",
        "guardrail_intervened", "blocked*guardrail"}},
      {"OpenRouter, xAI, Mistral", {
        "content moderation", "flagged by*moderation", "moderation_blocked",
        "moderation block", "moderation_failed", "moderation failed",
        "moderation system", "moderation policy", "moderation_error",
        "violates usage guidelines"}},
      {"any", {
        "input*flagged", "prompt*flagged", "content*flagged",
        "request*flagged", "message*flagged", "blocked*moderation",
        "rejected*moderation", "moderation*flagged", "moderation*blocked",
        "violat*safety", "safety filter", "safety policy", "safety policies",
        "safety reasons", "safety guidelines", "blocked*safety",
        "rejected*safety", "unsafe content"}}},
     {Reason::kContentFilter,
      "the upstream's content filter refuses the prompt"}},
    {401, 401, At::kRefusal, {
      {"any", {
        "api key", "api_key", "api-key", "apikey", "authentication_error"}}},
     {Reason::kUpstreamAuth,
      "the upstream refuses the API key"}},
    {kNever, kNever, At::kAny, {
      {"OpenAI, Groq, new-api", {
        "model_not_found", "modelnotfound", "model does not exist",
        "no available channel for model", "无可用渠道"}},
      {"DeepSeek, Moonshot, MiniMax, Volcengine", {
        "model_not_exist", "model not exist", "not found the model",
        "unknown model", "unknown_model", "invalidendpointormodel"}},
      {"OpenRouter, Mistral, Azure, Bedrock", {
        "not a valid model id", "not a valid model name",
        "no endpoints found for", "invalid model: ", "deploymentnotfound",
        "model identifier is invalid"}},
      {"any", {
        "model not found", "no such model", "invalid model name",
        "model_decommissioned", "has been decommissioned"}}},
     kNoModel},
    {404, 404, At::k4xx, {
      {"vLLM, Ollama, Gemini, Zhipu", {
        "model*does not exist", "model*not found", "模型不存在"}}},
     kNoModel},
    {403, 403, At::kNoStatus, {},
     {Reason::kUpstreamAuth,
      "the upstream refuses access, which may be a firewall's doing"}},
    {429, 429, At::kNoStatus, {
      {"any", {
        "rate_limit", "rate limit", "too many requests", "resource_exhausted",
        "throttl", "限流", "频率"}}},
     {Reason::kRateLimitedUpstream,
      "the upstream's rate limit is reached"}},
    {301, 308, At::kNoStatus, {},
     {Reason::kUpstreamConnect,
      "the upstream redirects, and redirects are not followed: check "
      "upstream.base_url", /*lasting=*/true}},
    {500, 599, At::kNoStatus, {}, kFailed},
    // A time-out, a conflict or an early attempt: another one may succeed.
    {408, 409, At::kNoStatus, {}, kFailed},
    {425, 425, At::kNoStatus, {}, kFailed},
    {400, 499, At::kNoStatus, {
      {"any", {"invalid_request", "invalid_argument"}}},
     {Reason::kInvalidArgument,
      "the upstream refuses the request"}},
    {0, 0, At::kNoStatus, {}, kFailed},
};
// clang-format on

bool Counts(At at, const ErrorSigns& signs) {
  const int status = signs.http_status;
  switch (at) {
    case At::kAny:
      return true;
    case At::kAnyBut429WithWait:
      return status != 429 || !signs.has_wait;
    case At::kQuota:
      return status == 400 || status == 403 ||
             ((status == 0 || status == 429) && !signs.has_wait);
    case At::kRefusal:
      return status == 0 || status == 400 || status == 403;
    case At::k4xx:
      return status == 0 || (status >= 400 && status < 500);
    case At::kNoStatus:
      break;
  }
  return status == 0;
}

// Whether `gap` contains the end of a sentence or of a code.
bool EndsSentence(absl::string_view gap) {
  return absl::StrContains(gap, ". ") || absl::StrContains(gap, "\n");
}

// Whether `text` contains `pattern`, whose `*` is a gap.
bool Holds(absl::string_view text, absl::string_view pattern) {
  const size_t star = pattern.find('*');
  const absl::string_view first = pattern.substr(0, star);
  for (size_t at = text.find(first); at != text.npos;
       at = text.find(first, at + 1)) {
    if (star == pattern.npos) return true;
    const absl::string_view second = pattern.substr(star + 1);
    const absl::string_view rest =
        text.substr(at + first.size(), kMaxGap + second.size());
    const size_t gap = rest.find(second);
    if (gap != rest.npos && !EndsSentence(rest.substr(0, gap))) return true;
  }
  return false;
}

bool Fits(const Kind& kind, const ErrorSigns& signs) {
  if (kind.from <= signs.http_status && signs.http_status <= kind.to) {
    return true;
  }
  if (!Counts(kind.at, signs)) return false;
  for (const Family& family : kind.families) {
    for (const absl::string_view word : family.words) {
      if (Holds(signs.words, word)) return true;
    }
  }
  return false;
}

}  // namespace

ErrorMeaning MeaningOf(const ErrorSigns& signs) {
  const auto* const kind =
      std::find_if(std::begin(kKinds), std::end(kKinds),
                   [&signs](const Kind& row) { return Fits(row, signs); });
  if (kind != std::end(kKinds)) return kind->meaning;
  return {Reason::kUpstreamMalformed,
          "the upstream's answer is not a valid HTTP answer to a chat request"};
}

}  // namespace holysheep
