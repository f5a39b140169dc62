#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

// The closed list of reasons why a call can fail, and one table that says what
// each of them means to every layer. A new reason is a row of the table.
namespace holysheep {

// Why a call failed. Clients match the name on the wire, given at each reason,
// so it never changes; see ReasonName.
enum class Reason {
  kInternal,             // INTERNAL: a defect of the service itself
  kInvalidArgument,      // INVALID_ARGUMENT
  kMessageTooLarge,      // INVALID_ARGUMENT, with gRPC's own code for that
  kModelNotFound,        // MODEL_NOT_FOUND
  kContextLength,        // CONTEXT_LENGTH
  kContentFilter,        // CONTENT_FILTER
  kUnauthenticated,      // UNAUTHENTICATED: the caller
  kUpstreamAuth,         // UPSTREAM_AUTH: our key, at the upstream
  kPermissionDenied,     // PERMISSION_DENIED
  kRateLimitedLocal,     // RATE_LIMITED_LOCAL
  kQueueFull,            // QUEUE_FULL
  kBudgetExceeded,       // BUDGET_EXCEEDED
  kUpstreamQuota,        // UPSTREAM_QUOTA: our account there is used up
  kRateLimitedUpstream,  // RATE_LIMITED_UPSTREAM
  kCircuitOpen,          // CIRCUIT_OPEN
  kUpstream5xx,          // UPSTREAM_5XX
  kUpstreamConnect,      // UPSTREAM_CONNECT
  kConnectTimeout,       // CONNECT_TIMEOUT
  kFirstTokenTimeout,    // FIRST_TOKEN_TIMEOUT
  kIdleTimeout,          // IDLE_TIMEOUT
  kTotalTimeout,         // TOTAL_TIMEOUT
  kCacheMiss,            // CACHE_MISS
  kUpstreamMalformed,    // UPSTREAM_MALFORMED
  kStreamTruncated,      // STREAM_TRUNCATED
  kDraining,             // DRAINING
  kUnimplemented,        // UNIMPLEMENTED: known, but not in this version
};

// Whose fault a failure is.
enum class Fault {
  kService,   // a defect, an end or a gap of the service itself
  kCaller,    // the request, or the caller's right to make it
  kOwnLimit,  // a limit that the operator of the service has set
  kAccount,   // the service's key or account at the upstream
  kUpstream,  // the upstream, or the way there
};

// Whether the next of a call's models is asked. The first model's failure is
// the caller's to hear about, unless waiting or asking elsewhere may help; one
// of a fallback model only leads on to the next.
enum class FallsBack {
  kNo,
  // From a fallback model to the next, but not from the first model.
  kOnward,
  kYes,
  // As kYes, to models whose context is larger than that of those that failed.
  kToLargerContext,
};

// The meaning of a failure. The ErrorDetails of a single error may override
// `retried` and `counts`: see there.
struct ReasonRow {
  Reason reason;
  // The name on the wire.
  absl::string_view name;
  // The code of the gRPC status, and of the absl::Status that MakeError makes.
  absl::StatusCode code;
  // Decides how an operator or a caller should read the failure; a probe, for
  // one, reports kAccount as a problem of the key.
  Fault fault;
  // Another attempt with the same model may succeed. Read by the retry layer.
  bool retried = false;
  // Read by the fallback layer.
  FallsBack falls_back = FallsBack::kNo;
  // The circuit breaker counts it as a failure; all other reasons are neutral.
  bool counts = false;
  // An expired answer may replace the error.
  bool stale = false;
  // The upstream may have processed the request, and charges for it, although
  // it has not answered.
  bool begun = false;
};

// The row of `reason`. Static and immutable: any thread.
const ReasonRow& RowOf(Reason reason);

// The reason's name on the wire, such as `QUEUE_FULL`.
absl::string_view ReasonName(Reason reason);
// The gRPC status code that every error of this reason has.
absl::StatusCode CodeOf(Reason reason);

}  // namespace holysheep
