#pragma once

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "base/errors.h"

namespace holysheep {

// UPSTREAM_MALFORMED for an answer whose shape is not that of a chat
// completion. Internal to the response codec. `what` names the fault in words
// of our own, never the upstream's text: it might show a prompt.
inline absl::Status Malformed(absl::string_view what) {
  return MakeError(
      Reason::kUpstreamMalformed,
      absl::StrCat("the upstream's answer is not a chat completion: ", what));
}

}  // namespace holysheep
