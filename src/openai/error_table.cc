#include "openai/error_table.h"

#include <algorithm>
#include <initializer_list>

#include "absl/strings/match.h"

namespace holysheep {
namespace {

// The statuses at which the words of a row count. A refusal that names a wait
// is about a rate, even if its words are those of a quota or a context.
enum class At {
  kAny,
  kAnyBut429WithWait,
  kQuota,     // 400, 403, 429 without a wait, and without a status
  kRefusal,   // 400, 403 and without a status
  k4xx,       // all 4xx, and without a status
  kNoStatus,  // only without a status: inside an answer that began well
};

struct Kind {
  // Each of these statuses matches without any words.
  int from;
  int to;
  At at;
  // In lower case; `*` stands for up to kMaxGap bytes within a sentence.
  std::initializer_list<absl::string_view> words;
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
      "context_length_exceeded", "context_window_exceeded",
      "exceed_context_size", "contextwindowexceeded", "tokens_limit_reached",
      "max_prompt_tokens_exceeded"},
     kTooLong},
    {kNever, kNever, At::kAnyBut429WithWait, {
      "maximum context length", "max context length", "maximum prompt length",
      "maximum model length", "maximum allowed input length",
      "maximum input length", "exceeds the context", "exceeds context",
      "exceed context limit",
      "exceeds the available context", "exceeds the model*context",
      "exceeds*context length", "exceeds*context window",
      "exceeded*context length", "longer than the*context",
      "greater than the context", "context window exceed",
      "context length exceed", "context size has been exceeded",
      "configured context size", "context window is full",
      "context_window_exceed", "context window of this model",
      "context length is only", "context overflow", "prompt is too long",
      "prompt too long", "prompt_too_long", "input is too long",
      "input too long", "input_too_long", "prompt exceeds max",
      "prompt exceeds the length", "prompt exceeds the model",
      "prompt token count*exceeds", "input token count*exceeds",
      "input tokens exceed", "input length exceeds", "input length*exceeds",
      "input token length too long", "range of input length should be",
      "exceeded model token limit", "exceeds the maximum number of tokens",
      "tokens in request more than max tokens", "too many input tokens",
      "too large for model with", "request too large for",
      "reduce the length of the messages", "reduce the length of the prompt",
      "reduce the length of the input", "reduce the length of your",
      "reduce your prompt", "reduce your message size",
      "token count is*only supports up to", "too long to fit into the model",
      "context length of only", "must have less than*tokens",
      "tokens in the prompt cannot exceed", "request body too large for",
      "exceed max message tokens", "prompt tokens too long",
      "exceeded*context window", "exceed the context", "prompt length*exceeds",
      "length of prompt_tokens", "max_total_tokens", "tokens + must be <=",
      "tokens + max_new_tokens must be", "must be less than max_input_length",
      "prompt 超长", "输入长度超", "上下文长度超", "超过最大长度", "超出最大长度",
      "token数量超过"},
     kTooLong},
    {kNever, kNever, At::kAny, {
      "insufficient_quota", "arrearage", "insufficient_user_quota"},
     kUsedUp},
    {402, 402, At::kQuota, {
      "insufficient balance", "insufficient_balance",
      "insufficient account balance", "insufficient credit",
      "insufficient fund", "balance is insufficient", "balance is too low",
      "balance is not enough", "not enough balance", "not enough credit",
      "quota is not enough", "check your plan and billing",
      "check your billing", "exceeded your current quota",
      "exceeded_current_quota", "billing_hard_limit", "billing hard limit",
      "billing_not_active", "out of credit", "requires more credits",
      "all available credits", "payment required", "payment_required",
      "monthly spending limit", "usage limits. you will regain",
      "budget has been exceeded", "budget_exceeded", "in arrears",
      "account in good standing", "account is in good standing",
      "accountoverdue", "overdue balance", "余额不足", "额度不足", "额度已用尽", "欠费",
      "预扣费额度失败", "have any credits", "freetieronly",
      "free tier of the model has been exhausted"},
     kUsedUp},
    {kNever, kNever, At::kAny, {
      "content_filter", "content filter", "content_policy", "content policy",
      "content management policy", "content moderation",
      "responsibleaipolicyviolation", "data_inspection_failed",
      "datainspectionfailed", "content exists risk", "considered high risk",
      "inappropriate content", "sensitivecontent", "sensitive content",
      "new_sensitive", "prohibited_content", "prohibited content",
      "flagged by*moderation", "flagged as potentially", "input*flagged",
      "prompt*flagged", "content*flagged", "request*flagged", "message*flagged",
      "moderation_blocked", "moderation_failed", "moderation failed",
      "moderation system", "moderation policy", "moderation_error", "blocked*moderation",
      "rejected*moderation", "moderation*flagged", "moderation*blocked",
      "violates usage guidelines", "violat*usage polic", "violat*content polic",
      "violat*safety", "safety system", "safety filter", "safety policy",
      "safety policies", "safety reasons", "safety guidelines",
      "blocked*safety", "rejected*safety", "unsafe content", "敏感内容", "不安全或敏感",
      "内容安全", "违规内容"},
     {Reason::kContentFilter,
      "the upstream's content filter refuses the prompt"}},
    {401, 401, At::kRefusal, {
      "api key", "api_key", "api-key", "apikey", "authentication_error"},
     {Reason::kUpstreamAuth,
      "the upstream refuses the API key"}},
    {kNever, kNever, At::kAny, {
      "model_not_found", "modelnotfound", "model_not_exist", "model not found",
      "model not exist", "model does not exist", "unknown model",
      "unknown_model", "no such model", "invalid model name",
      "not a valid model id", "not a valid model name",
      "invalidendpointormodel", "invalid model: ", "model_decommissioned",
      "has been decommissioned"},
     kNoModel},
    {404, 404, At::k4xx, {
      "model*does not exist", "model*not found", "模型不存在"},
     kNoModel},
    {403, 403, At::kNoStatus, {},
     {Reason::kUpstreamAuth,
      "the upstream refuses access, which may be a firewall's doing"}},
    {429, 429, At::kNoStatus, {
      "rate_limit", "rate limit", "too many requests", "resource_exhausted",
      "throttl", "限流", "频率"},
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
      "invalid_request", "invalid_argument"},
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
      return status == 0 || status == 400 || status == 403 ||
             (status == 429 && !signs.has_wait);
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
  return Counts(kind.at, signs) &&
         std::any_of(kind.words.begin(), kind.words.end(),
                     [&signs](absl::string_view word) {
                       return Holds(signs.words, word);
                     });
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
