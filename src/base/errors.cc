#include "base/errors.h"

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace holysheep {
namespace {

// The names of the payloads. They stay inside the process, so they may change;
// absl::Status wants names that look like URLs.
constexpr absl::string_view kReasonUrl = "holysheep.ai/reason";
constexpr absl::string_view kRetryAfterUrl = "holysheep.ai/retry-after";
constexpr absl::string_view kFieldUrl = "holysheep.ai/field";
constexpr absl::string_view kLimitUrl = "holysheep.ai/limit";
constexpr absl::string_view kSubjectUrl = "holysheep.ai/subject";
constexpr absl::string_view kLastingUrl = "holysheep.ai/lasting";
constexpr absl::string_view kCallersBoundUrl = "holysheep.ai/callers-bound";
constexpr absl::string_view kHttpStatusUrl = "holysheep.ai/http-status";
constexpr absl::string_view kUnansweredUrl = "holysheep.ai/unanswered";
constexpr absl::string_view kEventUrl = "holysheep.ai/event";
constexpr absl::string_view kRefusedUrl = "holysheep.ai/refused";

void SetText(absl::Status& status, absl::string_view url,
             absl::string_view text) {
  if (!text.empty()) status.SetPayload(url, absl::Cord(text));
}

std::string GetText(const absl::Status& status, absl::string_view url) {
  const absl::optional<absl::Cord> text = status.GetPayload(url);
  return text.has_value() ? std::string(*text) : std::string();
}

}  // namespace

absl::Status MakeError(Reason reason, absl::string_view message,
                       const ErrorDetails& details) {
  absl::Status status(CodeOf(reason), message);
  SetText(status, kReasonUrl, absl::StrCat(static_cast<int>(reason)));
  if (details.retry_after.has_value()) {
    SetText(status, kRetryAfterUrl,
            absl::StrCat(absl::ToInt64Nanoseconds(*details.retry_after)));
  }
  SetText(status, kFieldUrl, details.field);
  SetText(status, kLimitUrl, details.limit);
  SetText(status, kSubjectUrl, details.subject);
  if (details.http_status != 0) {
    SetText(status, kHttpStatusUrl, absl::StrCat(details.http_status));
  }
  SetText(status, kLastingUrl, details.lasting ? "1" : "");
  SetText(status, kCallersBoundUrl, details.callers_bound ? "1" : "");
  if (details.unanswered) SetText(status, kUnansweredUrl, "1");
  if (details.event != 0) {
    SetText(status, kEventUrl, absl::StrCat(details.event));
  }
  SetText(status, kRefusedUrl, details.refused);
  return status;
}

absl::Status InvalidField(absl::string_view field, absl::string_view message) {
  ErrorDetails details;
  details.field = std::string(field);
  return MakeError(Reason::kInvalidArgument, absl::StrCat(field, ": ", message),
                   details);
}

Reason ReasonOf(const absl::Status& status) {
  int index = 0;
  if (!absl::SimpleAtoi(GetText(status, kReasonUrl), &index)) {
    return Reason::kInternal;
  }
  return static_cast<Reason>(index);
}

const ReasonRow& RowOf(const absl::Status& status) {
  return RowOf(ReasonOf(status));
}

ErrorDetails DetailsOf(const absl::Status& status) {
  ErrorDetails details;
  int64_t nanoseconds = 0;
  if (absl::SimpleAtoi(GetText(status, kRetryAfterUrl), &nanoseconds)) {
    details.retry_after = absl::Nanoseconds(nanoseconds);
  }
  details.field = GetText(status, kFieldUrl);
  details.limit = GetText(status, kLimitUrl);
  details.subject = GetText(status, kSubjectUrl);
  if (!absl::SimpleAtoi(GetText(status, kHttpStatusUrl),
                        &details.http_status)) {
    details.http_status = 0;
  }
  details.lasting = !GetText(status, kLastingUrl).empty();
  details.callers_bound = !GetText(status, kCallersBoundUrl).empty();
  details.unanswered = !GetText(status, kUnansweredUrl).empty();
  if (!absl::SimpleAtoi(GetText(status, kEventUrl), &details.event)) {
    details.event = 0;
  }
  details.refused = GetText(status, kRefusedUrl);
  return details;
}

}  // namespace holysheep
