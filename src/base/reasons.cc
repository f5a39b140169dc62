#include "base/reasons.h"

#include <array>
#include <cstddef>

namespace holysheep {
namespace {

using Code = absl::StatusCode;

// The columns of a row as flags, which keeps the table readable.
enum : unsigned {
  kRetried = 1,
  kFallsBack = 2,
  kToLarger = 4,
  kCounts = 8,
  kStale = 16,
  kBegun = 32,
  kOnward = 64,
};

constexpr ReasonRow Row(Reason reason, absl::string_view name, Code code,
                        Fault fault, unsigned flags) {
  ReasonRow row = {reason, name, code, fault};
  row.retried = (flags & kRetried) != 0;
  row.falls_back = (flags & kFallsBack) != 0  ? FallsBack::kYes
                   : (flags & kToLarger) != 0 ? FallsBack::kToLargerContext
                   : (flags & kOnward) != 0   ? FallsBack::kOnward
                                              : FallsBack::kNo;
  row.counts = (flags & kCounts) != 0;
  row.stale = (flags & kStale) != 0;
  row.begun = (flags & kBegun) != 0;
  return row;
}

// In the order of the enumeration, so that a reason is its own index. A row
// that covers several kinds of failure says what holds for most of them; the
// details of a single error override the rest.
constexpr std::array kTable = {
    Row(Reason::kInternal, "INTERNAL", Code::kInternal, Fault::kService,
        kOnward),
    Row(Reason::kInvalidArgument, "INVALID_ARGUMENT", Code::kInvalidArgument,
        Fault::kCaller, 0),
    Row(Reason::kMessageTooLarge, "INVALID_ARGUMENT", Code::kResourceExhausted,
        Fault::kCaller, 0),
    Row(Reason::kModelNotFound, "MODEL_NOT_FOUND", Code::kNotFound,
        Fault::kCaller, kFallsBack),
    Row(Reason::kContextLength, "CONTEXT_LENGTH", Code::kOutOfRange,
        Fault::kCaller, kToLarger),
    Row(Reason::kContentFilter, "CONTENT_FILTER", Code::kFailedPrecondition,
        Fault::kCaller, 0),
    Row(Reason::kUnauthenticated, "UNAUTHENTICATED", Code::kUnauthenticated,
        Fault::kCaller, 0),
    Row(Reason::kUpstreamAuth, "UPSTREAM_AUTH", Code::kFailedPrecondition,
        Fault::kAccount, kFallsBack),
    Row(Reason::kPermissionDenied, "PERMISSION_DENIED", Code::kPermissionDenied,
        Fault::kCaller, 0),
    Row(Reason::kRateLimitedLocal, "RATE_LIMITED_LOCAL",
        Code::kResourceExhausted, Fault::kOwnLimit, kOnward),
    Row(Reason::kQueueFull, "QUEUE_FULL", Code::kResourceExhausted,
        Fault::kOwnLimit, kOnward),
    Row(Reason::kBudgetExceeded, "BUDGET_EXCEEDED", Code::kResourceExhausted,
        Fault::kOwnLimit, kOnward),
    Row(Reason::kUpstreamQuota, "UPSTREAM_QUOTA", Code::kResourceExhausted,
        Fault::kAccount, kFallsBack | kStale),
    Row(Reason::kRateLimitedUpstream, "RATE_LIMITED_UPSTREAM",
        Code::kResourceExhausted, Fault::kUpstream,
        kRetried | kFallsBack | kStale),
    Row(Reason::kCircuitOpen, "CIRCUIT_OPEN", Code::kUnavailable,
        Fault::kUpstream, kFallsBack | kStale),
    Row(Reason::kUpstream5xx, "UPSTREAM_5XX", Code::kUnavailable,
        Fault::kUpstream, kRetried | kFallsBack | kCounts | kStale),
    Row(Reason::kUpstreamConnect, "UPSTREAM_CONNECT", Code::kUnavailable,
        Fault::kUpstream, kRetried | kFallsBack | kCounts | kStale),
    Row(Reason::kConnectTimeout, "CONNECT_TIMEOUT", Code::kDeadlineExceeded,
        Fault::kUpstream, kRetried | kFallsBack | kCounts | kStale),
    Row(Reason::kFirstTokenTimeout, "FIRST_TOKEN_TIMEOUT",
        Code::kDeadlineExceeded, Fault::kUpstream,
        kRetried | kFallsBack | kCounts | kStale | kBegun),
    Row(Reason::kIdleTimeout, "IDLE_TIMEOUT", Code::kDeadlineExceeded,
        Fault::kUpstream, kFallsBack | kCounts | kBegun),
    Row(Reason::kTotalTimeout, "TOTAL_TIMEOUT", Code::kDeadlineExceeded,
        Fault::kCaller, kBegun),
    Row(Reason::kCacheMiss, "CACHE_MISS", Code::kNotFound, Fault::kCaller, 0),
    Row(Reason::kUpstreamMalformed, "UPSTREAM_MALFORMED", Code::kInternal,
        Fault::kUpstream, kRetried | kFallsBack | kCounts | kStale | kBegun),
    Row(Reason::kStreamTruncated, "STREAM_TRUNCATED", Code::kDataLoss,
        Fault::kUpstream, kRetried | kFallsBack | kCounts | kStale | kBegun),
    Row(Reason::kDraining, "DRAINING", Code::kUnavailable, Fault::kService, 0),
    Row(Reason::kUnimplemented, "UNIMPLEMENTED", Code::kUnimplemented,
        Fault::kCaller, 0),
};

constexpr bool IsInOrder() {
  for (size_t i = 0; i < kTable.size(); ++i) {
    if (kTable[i].reason != static_cast<Reason>(i)) return false;
  }
  return kTable.back().reason == Reason::kUnimplemented;
}
static_assert(IsInOrder(), "every reason has its row, in order");

}  // namespace

const ReasonRow& RowOf(Reason reason) {
  return kTable[static_cast<size_t>(reason)];
}

absl::string_view ReasonName(Reason reason) { return RowOf(reason).name; }

absl::StatusCode CodeOf(Reason reason) { return RowOf(reason).code; }

}  // namespace holysheep
