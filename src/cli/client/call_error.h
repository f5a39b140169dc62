#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace holysheep::cli {

// The details of a failed call, taken from google.rpc details. A value that is
// not set is unknown; without a reason the error does not come from the
// service.
struct CallError {
  // The name of a Reason, such as `QUEUE_FULL`; newer services may have others.
  std::string reason;
  // As in base/errors.h.
  std::string field;
  std::string limit;
  std::string subject;
  std::optional<absl::Duration> retry_after;
};

// Makes an error whose serialized google.rpc.Status is `details`, which may be
// empty. For errors of gRPC; `details` are kept in a payload. Pure.
absl::Status MakeCallStatus(absl::StatusCode code, absl::string_view message,
                            absl::string_view details);

// Reads the details back. Unknown details are ignored. Pure.
CallError CallErrorOf(const absl::Status& status);

// Returns one readable line without a line end: what went wrong, why, and what
// to do. `address` is the address that was called. Control characters of the
// message are shown as `?`. REQUIRES: !status.ok(). Pure.
std::string ErrorLine(const absl::Status& status, absl::string_view address);

}  // namespace holysheep::cli
