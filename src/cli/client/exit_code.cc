#include "cli/client/exit_code.h"

#include "base/reasons.h"
#include "cli/client/call_error.h"

namespace holysheep::cli {
// The code alone cannot tell a service that is draining from one that is not
// there, so the details decide.

ExitCode ExitCodeFor(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kExitOk;
    case absl::StatusCode::kUnavailable:
      return CallErrorOf(status).reason.empty() ? kExitUnreachable
                                                : kExitFailed;
    case absl::StatusCode::kResourceExhausted:
      return CallErrorOf(status).reason == ReasonName(Reason::kMessageTooLarge)
                 ? kExitFailed
                 : kExitLimited;
    case absl::StatusCode::kDeadlineExceeded:
      return kExitDeadline;
    default:
      return kExitFailed;
  }
}

}  // namespace holysheep::cli
