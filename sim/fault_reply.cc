#include "sim/fault_reply.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "sim/openai_reply.h"

namespace holysheep::sim {
namespace {

using F = FaultKind;

struct ErrorRow {
  FaultKind kind;
  int status;
  absl::string_view type;
  absl::string_view code;
  absl::string_view message;
};

constexpr ErrorRow kErrors[] = {
    {F::kRateLimit, 429, "requests", "rate_limit_exceeded",
     "Rate limit reached for requests"},
    {F::kServerError, 500, "server_error", "internal_error",
     "The server had an error while processing your request"},
    {F::kUnavailable, 503, "server_error", "service_unavailable",
     "The engine is currently overloaded, please try again later"},
    {F::kFlap, 503, "server_error", "service_unavailable",
     "The service is down"},
    {F::kUnauthorized, 401, "invalid_request_error", "invalid_api_key",
     "Incorrect API key provided"},
    {F::kForbidden, 403, "permission_error", "forbidden",
     "You are not allowed to use this model"},
    {F::kModelNotFound, 404, "invalid_request_error", "model_not_found",
     "The model does not exist or you do not have access to it"},
    {F::kContextLength, 400, "invalid_request_error", "context_length_exceeded",
     "This model's maximum context length is 8192 tokens"},
    {F::kContentFilter, 400, "invalid_request_error", "content_filter",
     "The response was filtered due to the prompt triggering the content "
     "management policy"},
    {F::kRejectPrefill, 400, "invalid_request_error", "invalid_value",
     "The last message must not be of the role assistant: this model does not "
     "support prefill"},
};

constexpr std::size_t kOversizedHeader = 256 << 10;

std::string RetryAfter(const Fault& fault, absl::Time now) {
  if (fault.variant != "http_date") return absl::StrCat(fault.retry_after);
  // The date has whole seconds: rounded up, so that it is never too early.
  const absl::Time at = absl::FromUnixSeconds(absl::ToUnixSeconds(
      now + absl::Seconds(fault.retry_after) + absl::Milliseconds(999)));
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", at, absl::UTCTimeZone());
}

Plan PlanError(const ErrorRow& row, const Fault& fault,
               const Occasion& occasion) {
  Head head;
  head.status = row.status;
  head.request_id = occasion.request_id;
  if (fault.retry_after >= 0) {
    head.extra.emplace_back("retry-after", RetryAfter(fault, occasion.now));
  }
  return WholePlan(head, RenderError({row.type, row.code, row.message}));
}

bool IsDown(const Fault& fault, const Occasion& occasion) {
  absl::Duration passed = occasion.now - occasion.since;
  if (fault.up > absl::ZeroDuration()) passed %= fault.wait + fault.up;
  return passed < fault.wait;
}

Plan EndOnly(Ending ending, absl::Duration delay = absl::ZeroDuration()) {
  Plan plan;
  plan.delay = delay;
  plan.ending = ending;
  return plan;
}

Plan PlanOversizedHeaders() {
  Head head;
  head.extra.emplace_back("x-filler", std::string(kOversizedHeader, 'a'));
  return WholePlan(head, "{}");
}

Plan PlanGarbage() {
  Plan plan = EndOnly(Ending::kClose);
  for (int i = 0; i < 512; ++i) {
    plan.head.push_back(static_cast<char>((i * 37 + 1) % 256));
  }
  return plan;
}

// Responses that are not OpenAI errors.
std::optional<Plan> PlanOddity(const Fault& fault, Head head) {
  switch (fault.kind) {
    case F::kRedirect:
      head.status = 307;
      head.extra.emplace_back("location", "/v1/redirected");
      return WholePlan(head, "");
    case F::kHtmlError:
      head.status = 502;
      head.content_type = "text/html";
      return WholePlan(head,
                       "<html><head><title>502 Bad Gateway</title></head>"
                       "<body><h1>502 Bad Gateway</h1></body></html>\n");
    case F::kEmptyBody:
      return WholePlan(head, "");
    case F::kOversizedHeaders:
      return PlanOversizedHeaders();
    case F::kGarbage:
      return PlanGarbage();
    case F::kReset:
      return EndOnly(Ending::kReset);
    case F::kSilent:
      if (fault.wait == absl::ZeroDuration()) return EndOnly(Ending::kHang);
      return EndOnly(Ending::kClose, fault.wait);
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<Plan> PlanInstead(const Fault& fault,
                                const ChatQuestion& question,
                                const Occasion& occasion) {
  if (fault.kind == F::kRejectPrefill && !question.prefilled) {
    return std::nullopt;
  }
  if (fault.kind == F::kFlap) {
    if (!IsDown(fault, occasion)) return std::nullopt;
    if (fault.variant == "reset") return EndOnly(Ending::kReset);
  }
  const auto row =
      std::find_if(std::begin(kErrors), std::end(kErrors),
                   [&](const ErrorRow& e) { return e.kind == fault.kind; });
  if (row != std::end(kErrors)) return PlanError(*row, fault, occasion);
  Head head;
  head.request_id = occasion.request_id;
  return PlanOddity(fault, std::move(head));
}

Plan ErrorPlan(int status, absl::string_view message,
               const std::string& request_id) {
  Head head;
  head.status = status;
  head.request_id = request_id;
  const bool auth = status == 401;
  return WholePlan(
      head, RenderError({"invalid_request_error",
                         auth ? "invalid_api_key" : "bad_request", message}));
}

}  // namespace holysheep::sim
