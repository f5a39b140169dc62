#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace holysheep::cli {

// What the service says about a failed call, taken from google.rpc details.
// Unset is unknown; without a reason the error is not the service's own.
struct CallError {
  std::string reason;
  std::string field;
  std::string limit;
  std::string subject;
  std::optional<absl::Duration> retry_after;
};

// An error whose google.rpc.Status, serialized, is `details`; it may be empty.
absl::Status MakeCallStatus(absl::StatusCode code, absl::string_view message,
                            absl::string_view details);

CallError CallErrorOf(const absl::Status& status);

// One readable line without its line end: what went wrong, why, and what to do
// about it. `address` is where the service was looked for. Control characters
// of the message are shown as `?`.
std::string ErrorLine(const absl::Status& status, absl::string_view address);

}  // namespace holysheep::cli
