#include "upstream/http_errors.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "upstream/clean_message.h"
#include "upstream/json_dom.h"

namespace holysheep {
namespace {

// What an error body says, in the shapes in use: {"error": {...}},
// {"error": "text"}, [{"error": ...}], {"message": ...}, {"detail": "text"}.
struct ErrorWords {
  std::string message;
  // `code`, `type` and `message`, in lower case, for finding words.
  std::string all;
  int numeric_code = 0;
};

// Said in a code, a type or a message: these decide before the HTTP status,
// since upstreams agree on the words better than on the number.
struct WordRule {
  absl::string_view word;
  Reason reason;
};
constexpr WordRule kWords[] = {
    {"context_length_exceeded", Reason::kContextLength},
    {"maximum context length", Reason::kContextLength},
    {"context window", Reason::kContextLength},
    {"prompt is too long", Reason::kContextLength},
    {"input is too long", Reason::kContextLength},
    {"reduce the length of the messages", Reason::kContextLength},
    {"exceeds the maximum number of tokens", Reason::kContextLength},
    {"content_filter", Reason::kContentFilter},
    {"content_policy_violation", Reason::kContentFilter},
    {"content management policy", Reason::kContentFilter},
    {"responsibleaipolicyviolation", Reason::kContentFilter},
    {"data_inspection_failed", Reason::kContentFilter},
    {"content exists risk", Reason::kContentFilter},
    {"model_not_found", Reason::kModelNotFound},
    {"model not found", Reason::kModelNotFound},
    {"model not exist", Reason::kModelNotFound},
    {"unknown model", Reason::kModelNotFound},
    {"invalid_api_key", Reason::kUpstreamAuth},
    {"incorrect api key", Reason::kUpstreamAuth},
    {"api key not valid", Reason::kUpstreamAuth},
    {"authentication_error", Reason::kUpstreamAuth},
    {"insufficient balance", Reason::kUpstreamAuth},
};

// Further words, for an error that comes without any HTTP status.
constexpr WordRule kStreamWords[] = {
    {"rate_limit", Reason::kRateLimitedUpstream},
    {"rate limit", Reason::kRateLimitedUpstream},
    {"too many requests", Reason::kRateLimitedUpstream},
    {"insufficient_quota", Reason::kRateLimitedUpstream},
    {"resource_exhausted", Reason::kRateLimitedUpstream},
    {"invalid_request", Reason::kInvalidArgument},
    {"invalid_argument", Reason::kInvalidArgument},
};

template <size_t kCount>
std::optional<Reason> FindWord(const WordRule (&rules)[kCount],
                               absl::string_view text) {
  for (const WordRule& rule : rules) {
    if (absl::StrContains(text, rule.word)) return rule.reason;
  }
  if (absl::StrContains(text, "model") &&
      absl::StrContains(text, "does not exist")) {
    return Reason::kModelNotFound;
  }
  return std::nullopt;
}

Reason ReasonOfStatus(int status) {
  switch (status) {
    case 401:
    case 402:  // No balance: as hopeless to retry as a wrong key.
    case 403:
      return Reason::kUpstreamAuth;
    case 404:
      return Reason::kModelNotFound;
    case 408:  // A time-out, a clash or an early try: another may succeed.
    case 409:
    case 425:
      return Reason::kUpstream5xx;
    case 429:
      return Reason::kRateLimitedUpstream;
    default:
      break;
  }
  if (status >= 400 && status < 500) return Reason::kInvalidArgument;
  if (status >= 500 && status < 600) return Reason::kUpstream5xx;
  return Reason::kUpstreamMalformed;
}

Reason ReasonOfFailure(int status, absl::string_view words) {
  const bool words_decide = status >= 400 && status < 500 && status != 401 &&
                            status != 402 && status != 429;
  if (words_decide) {
    if (const auto reason = FindWord(kWords, words)) return *reason;
  }
  return ReasonOfStatus(status);
}

// What to tell a person, where the reason alone does not say it.
absl::string_view Explain(int status, Reason reason) {
  if (status >= 300 && status < 400) {
    return "the upstream redirects, and redirects are not followed: check "
           "upstream.base_url";
  }
  if (status == 402) return "the upstream account has no balance left";
  switch (reason) {
    case Reason::kUpstreamAuth:
      return "the upstream refuses the API key";
    case Reason::kModelNotFound:
      return "the upstream does not know the model, or upstream.base_url is "
             "wrong";
    case Reason::kContextLength:
      return "the prompt is too long for the model";
    case Reason::kContentFilter:
      return "the upstream's content filter refuses the prompt";
    case Reason::kRateLimitedUpstream:
      return "the upstream's rate limit is reached";
    case Reason::kUpstream5xx:
      return "the upstream failed";
    case Reason::kUpstreamMalformed:
      return "the upstream's answer is no valid HTTP answer to a chat request";
    default:
      return "the upstream refuses the request";
  }
}

ErrorWords ReadErrorWords(absl::string_view body) {
  ErrorWords words;
  JsonParser parser;
  const JsonValue* root = parser.Parse(body);
  if (root == nullptr) {
    // A page for people says nothing in a line.
    if (!absl::StartsWith(body, "<")) words.message = std::string(body);
    words.all = absl::AsciiStrToLower(body);
    return words;
  }
  if (root->IsArray()) root = FirstElement(root);
  const JsonValue* error = Member(root, "error");
  if (error == nullptr) error = root;
  for (const JsonValue* text :
       {error, Member(error, "message"), Member(error, "detail")}) {
    if (!TextOf(text).empty()) words.message = std::string(TextOf(text));
  }
  const JsonValue* code = Member(error, "code");
  words.all = absl::AsciiStrToLower(
      absl::StrCat(TextOf(code), " ", TextOf(Member(error, "type")), " ",
                   TextOf(Member(error, "status")), " ", words.message));
  words.numeric_code =
      static_cast<int>(std::min<int64_t>(CountOf(code).value_or(0), 1000));
  return words;
}

absl::Status Make(Reason reason, absl::string_view explanation,
                  absl::string_view message, ErrorDetails details) {
  if (reason == Reason::kRateLimitedUpstream) {
    details.limit = "rate";
    details.subject = "upstream";
  }
  std::string text(explanation);
  if (details.http_status != 0) {
    absl::StrAppend(&text, " (HTTP ", details.http_status, ")");
  }
  if (!message.empty()) absl::StrAppend(&text, ": ", message);
  return MakeError(reason, text, details);
}

}  // namespace

absl::Status StatusFromHttp(const HttpFailure& failure) {
  const ErrorWords words = ReadErrorWords(failure.body);
  const Reason reason = ReasonOfFailure(failure.status, words.all);
  ErrorDetails details;
  details.http_status = failure.status;
  if (reason == Reason::kRateLimitedUpstream ||
      reason == Reason::kUpstream5xx) {
    details.retry_after = RetryAfter(failure.headers, failure.now);
  }
  return Make(reason, Explain(failure.status, reason),
              CleanMessage(words.message, failure.key), std::move(details));
}

absl::Status StatusFromErrorJson(absl::string_view json,
                                 absl::string_view key) {
  const ErrorWords words = ReadErrorWords(json);
  Reason reason = Reason::kUpstream5xx;
  ErrorDetails details;
  if (words.numeric_code >= 400 && words.numeric_code < 600) {
    details.http_status = words.numeric_code;
    reason = ReasonOfFailure(words.numeric_code, words.all);
  } else if (const auto said = FindWord(kWords, words.all)) {
    reason = *said;
  } else if (const auto said_in_stream = FindWord(kStreamWords, words.all)) {
    reason = *said_in_stream;
  }
  return Make(reason, Explain(details.http_status, reason),
              CleanMessage(words.message, key), details);
}

}  // namespace holysheep
