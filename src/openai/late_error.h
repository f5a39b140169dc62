#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "base/errors.h"

namespace holysheep {

// MakeError for a deadline that has passed. `callers` is whether the caller
// made it shorter than the configuration does. An error with `callers` set does
// not count against the upstream's health, since a patient caller might have
// had an answer. Used by the backend.
inline absl::Status Late(Reason reason, bool callers,
                         absl::string_view message) {
  ErrorDetails details;
  details.callers_bound = callers;
  return MakeError(reason, message, details);
}

}  // namespace holysheep
