#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/reasons.h"

// Every error the service can give, as an absl::Status whose payloads say more
// than its code: the reason (a closed list), when to try again, which field,
// which limit. Pure functions, for any thread. rpc/status turns the errors into
// google.rpc details.
namespace holysheep {

// What an error says in addition to its reason and message. A value that is not
// set is unknown. Travels in the status's payloads, so it survives being passed
// through layers.
struct ErrorDetails {
  // How long until another attempt makes sense. From the moment of the error;
  // clients receive it as RetryInfo.
  std::optional<absl::Duration> retry_after;
  // Path of the request field at fault, such as `messages[2].parts[0].image`.
  // Empty if no single field is at fault.
  std::string field;
  // Which limit refused, such as `requests_per_minute`, and whose, such as
  // `service`, `model:gpt-4.1` or `caller:team-a`.
  std::string limit;
  std::string subject;
  // The upstream's HTTP status; 0 is none. A 4xx never counts for the circuit
  // breaker, whatever its reason (layers/health_layer.cc).
  int http_status = 0;
  // No other attempt can succeed, although for most errors of this reason one
  // can.
  bool lasting = false;
  // The cause is a bound that the caller chose, such as a deadline of its own,
  // so the error does not count against the upstream.
  bool callers_bound = false;
  // The connection, not the upstream, is to blame for the missing answer, so
  // that another attempt may be made at once.
  bool unanswered = false;
  // Errors of one event, such as the end of a connection that calls shared,
  // have the same number, so that they count as one failure; 0 for an error of
  // its own.
  int64_t event = 0;
  // What of the request the upstream does not take: the WireRefusalName of a
  // WireRefusal (policy/wire_refusal.h). Empty if it says nothing of the kind.
  std::string refused;
};

// The one way to make an error. Never put a key or a prompt into `message`.
absl::Status MakeError(Reason reason, absl::string_view message,
                       const ErrorDetails& details = {});

// MakeError(kInvalidArgument, ...) for the request field at `field`. The
// error's message is `field: message`.
absl::Status InvalidField(absl::string_view field, absl::string_view message);

// The reason of an error made by MakeError; kInternal for any other error.
// REQUIRES: !status.ok(). A look-up of a payload and a conversion: cheap, but
// not for a tight loop.
Reason ReasonOf(const absl::Status& status);

// The row of ReasonOf(status).
const ReasonRow& RowOf(const absl::Status& status);

// The details of an error made by MakeError; empty for any other.
ErrorDetails DetailsOf(const absl::Status& status);

}  // namespace holysheep
