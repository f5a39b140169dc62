#include "cli/client/call_error.h"

#include <string>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/terminal/text.h"
#include "google/rpc/error_details.pb.h"

namespace holysheep::cli {
namespace {

// Inside the process only.
constexpr absl::string_view kPayload = "type.googleapis.com/google.rpc.Status";

struct Advice {
  absl::string_view reason;
  absl::string_view what_to_do;
};

// Reasons without advice explain themselves in their message.
constexpr Advice kAdvice[] = {
    {"UNAUTHENTICATED", "set HOLYSHEEP_TOKEN or give --token-file"},
    {"PERMISSION_DENIED", "use a token that has this role"},
    {"UPSTREAM_AUTH", "check the upstream key with `holysheepctl validate`"},
    {"MODEL_NOT_FOUND", "see `holysheepctl models`"},
    {"CONTEXT_LENGTH", "shorten the prompt or lower --max-tokens"},
    {"CONTENT_FILTER", "rephrase the prompt"},
    {"RATE_LIMITED_LOCAL", "slow down, or raise the limit in the service"},
    {"UPSTREAM_QUOTA",
     "pay the upstream account or raise its plan; another --model may serve"},
    {"RATE_LIMITED_UPSTREAM", "slow down, or try another --model"},
    {"QUEUE_FULL", "send fewer calls at once"},
    {"BUDGET_EXCEEDED", "see `holysheepctl usage`"},
    {"CIRCUIT_OPEN", "wait, or try another --model"},
    {"UPSTREAM_5XX", "try again later, or another --model"},
    {"UPSTREAM_CONNECT", "check the service's network and upstream.base_url"},
    {"CONNECT_TIMEOUT", "check the service's network and upstream.base_url"},
    {"FIRST_TOKEN_TIMEOUT", "try again, or another --model"},
    {"IDLE_TIMEOUT", "try again"},
    {"TOTAL_TIMEOUT", "raise --timeout or lower --max-tokens"},
    {"CACHE_MISS", "ask again without --cache only-if-cached"},
    {"UPSTREAM_MALFORMED", "try again"},
    {"STREAM_TRUNCATED", "try again"},
    {"DRAINING", "try again once the service has restarted"},
};

// gRPC's message begins with what it tried and ends with the cause. The cause
// is what a person can act on.
absl::string_view LastCause(absl::string_view message) {
  const size_t colon = message.rfind(": ");
  return colon == message.npos ? message : message.substr(colon + 2);
}

// Describes an error that the service did not send itself.
std::string TransportProblem(const absl::Status& status,
                             absl::string_view address) {
  switch (status.code()) {
    case absl::StatusCode::kUnavailable:
      return absl::StrCat("cannot reach the service at ", address, " (",
                          LastCause(status.message()), ")");
    case absl::StatusCode::kDeadlineExceeded:
      return absl::StrCat("no answer from ", address, " in time");
    default:
      return absl::StrCat(absl::StatusCodeToString(status.code()), ": ",
                          status.message());
  }
}

// Advice on an error that the service did not send itself.
std::string AdviceForTransport(absl::StatusCode code,
                               absl::string_view address) {
  switch (code) {
    case absl::StatusCode::kUnavailable:
      return "start holysheep-node, or give --address or HOLYSHEEP_ADDRESS; "
             "a service behind TLS needs --tls";
    case absl::StatusCode::kDeadlineExceeded:
      return "raise --timeout";
    case absl::StatusCode::kUnimplemented:
      return absl::StrCat("the service at ", address,
                          " does not know this call; update it");
    default:
      return {};
  }
}

std::string AdviceFor(const absl::Status& status, const CallError& error,
                      absl::string_view address) {
  if (error.reason.empty()) return AdviceForTransport(status.code(), address);
  for (const Advice& advice : kAdvice) {
    if (advice.reason == error.reason) return std::string(advice.what_to_do);
  }
  return {};
}

void ReadDetail(const google::protobuf::Any& detail, CallError& error) {
  google::rpc::ErrorInfo info;
  google::rpc::RetryInfo retry;
  google::rpc::BadRequest bad;
  google::rpc::QuotaFailure quota;
  if (detail.UnpackTo(&info)) {
    error.reason = info.reason();
  } else if (detail.UnpackTo(&retry)) {
    error.retry_after = absl::Seconds(retry.retry_delay().seconds()) +
                        absl::Nanoseconds(retry.retry_delay().nanos());
  } else if (detail.UnpackTo(&bad) && bad.field_violations_size() > 0) {
    error.field = bad.field_violations(0).field();
  } else if (detail.UnpackTo(&quota) && quota.violations_size() > 0) {
    error.limit = quota.violations(0).description();
    error.subject = quota.violations(0).subject();
  }
}

// Formats a wait for people: never too short, and no finer than needed.
std::string Wait(absl::Duration wait) {
  const absl::Duration step = wait < absl::Seconds(1) ? absl::Milliseconds(1)
                              : wait < absl::Seconds(10)
                                  ? absl::Milliseconds(100)
                                  : absl::Seconds(1);
  return absl::FormatDuration(absl::Ceil(wait, step));
}

}  // namespace

absl::Status MakeCallStatus(absl::StatusCode code, absl::string_view message,
                            absl::string_view details) {
  absl::Status status(code, message);
  if (!details.empty()) status.SetPayload(kPayload, absl::Cord(details));
  return status;
}

CallError CallErrorOf(const absl::Status& status) {
  CallError error;
  google::rpc::Status wire;
  const auto payload = status.GetPayload(kPayload);
  if (!payload.has_value() || !wire.ParseFromString(std::string(*payload))) {
    return error;
  }
  for (const auto& detail : wire.details()) ReadDetail(detail, error);
  return error;
}

std::string ErrorLine(const absl::Status& status, absl::string_view address) {
  const CallError error = CallErrorOf(status);
  std::string line =
      OneLine(error.reason.empty()
                  ? TransportProblem(status, address)
                  : absl::StrCat(error.reason, ": ", status.message()));
  if (!error.field.empty() &&
      !absl::StrContains(status.message(), error.field)) {
    absl::StrAppend(&line, " (field ", OneLine(error.field), ")");
  }
  if (!error.limit.empty()) {
    absl::StrAppend(&line, " (limit ", OneLine(error.limit), " of ",
                    OneLine(error.subject), ")");
  }
  if (error.retry_after.has_value()) {
    absl::StrAppend(&line, "; try again in ", Wait(*error.retry_after));
  }
  const std::string advice = AdviceFor(status, error, address);
  if (!advice.empty()) absl::StrAppend(&line, "; ", advice);
  return line;
}

}  // namespace holysheep::cli
