#include "openai/http_errors.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "openai/clean_message.h"
#include "openai/error_table.h"
#include "openai/error_words.h"
#include "openai/parameter_refusal.h"
#include "openai/request_echo.h"

namespace holysheep {
namespace {

// The upstream's own limits have no names that we know.
absl::string_view LimitOf(Reason reason) {
  if (reason == Reason::kRateLimitedUpstream) return "rate";
  return reason == Reason::kUpstreamQuota ? "quota" : "";
}

// A wait is passed on only where another attempt after it may succeed.
absl::Status Make(const ErrorMeaning& meaning, const ErrorWords& words,
                  absl::string_view key, ErrorDetails details) {
  details.limit = std::string(LimitOf(meaning.reason));
  if (!details.limit.empty()) details.subject = "upstream";
  details.lasting = meaning.lasting;
  const ReasonRow& row = RowOf(meaning.reason);
  const bool waiting_helps = row.retried && !row.begun && !meaning.lasting;
  if (!waiting_helps) details.retry_after.reset();
  std::string text(meaning.explanation);
  if (details.http_status != 0) {
    absl::StrAppend(&text, " (HTTP ", details.http_status, ")");
  }
  const std::string said = CleanMessage(words.message, key);
  if (!said.empty()) absl::StrAppend(&text, ": ", said);
  return MakeError(meaning.reason, text, details);
}

}  // namespace

absl::Status StatusFromHttp(const HttpFailure& failure) {
  const ErrorWords words = ReadErrorWords(failure.body);
  ErrorDetails details;
  details.http_status = failure.status;
  // If two waits are given, the longer one is safe.
  details.retry_after =
      std::max(RetryAfter(failure.headers, failure.now), words.wait);
  const std::string search = failure.request == nullptr
                                 ? words.search
                                 : WithoutEcho(words.search, *failure.request);
  const ErrorMeaning meaning =
      MeaningOf({failure.status, search, details.retry_after.has_value()});
  const bool names_fault = failure.status == 400 || failure.status == 422;
  if (names_fault && failure.request != nullptr &&
      meaning.reason == Reason::kInvalidArgument) {
    const auto refused =
        RefusedParameter(failure.body, words, *failure.request);
    if (refused.has_value())
      details.refused = std::string(WireRefusalName(*refused));
  }
  return Make(meaning, words, failure.key, std::move(details));
}

absl::Status StatusFromErrorJson(absl::string_view json,
                                 absl::string_view key) {
  const ErrorWords words = ReadErrorWords(json);
  ErrorDetails details;
  // A smaller code does not mean failure, so it says nothing here.
  if (words.numeric_code >= 300) details.http_status = words.numeric_code;
  details.retry_after = words.wait;
  const ErrorMeaning meaning = MeaningOf(
      {details.http_status, words.search, details.retry_after.has_value()});
  return Make(meaning, words, key, std::move(details));
}

}  // namespace holysheep
