#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "http/retry_after.h"

// The translation of the upstream's refusals into errors. Pure; no other code
// interprets them.
namespace holysheep {

namespace node::v1 {
class InvokeRequest;
}  // namespace node::v1
namespace pb = node::v1;

// A response whose status is not a success. The backend collects it from the
// head and the first bytes of the body. The views must live as long as the call
// of StatusFromHttp.
struct HttpFailure {
  // Not 2xx.
  int status = 0;
  // Names in lower case. Only those that name a wait are read, see
  // http/retry_after.h.
  const HttpHeaders& headers;
  // May be incomplete. Of any size: the part that is read is bounded.
  absl::string_view body;
  // For waits that the upstream gives as a date.
  absl::Time now;
  // The key that was sent. Nothing that resembles it appears in the error.
  absl::string_view key;
  // The request, whose words may be repeated in the error and decide nothing;
  // null if there was none.
  const pb::InvokeRequest* request = nullptr;
};

// Returns the error for a refused request, with the upstream's own words (at
// most 500 bytes), the HTTP status and, if another attempt makes sense, when
// the upstream wants it. The words have precedence over the status; see
// error_table.cc. `limit` and `subject` are set for RATE_LIMITED_UPSTREAM
// (`rate`) and UPSTREAM_QUOTA (`quota`), both of the subject `upstream`;
// `refused` by RefusedParameter (openai/parameter_refusal.h).
absl::Status StatusFromHttp(const HttpFailure& failure);

// Returns the error for a body or stream event that holds an error instead of
// an answer, in any of the shapes of ReadErrorWords. A numeric code counts as
// an HTTP status; without one, and without known words, it is UPSTREAM_5XX.
// Never OK, even for `{}`.
absl::Status StatusFromErrorJson(absl::string_view json, absl::string_view key);

}  // namespace holysheep
