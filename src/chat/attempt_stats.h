#pragma once

#include <string>

#include "absl/time/time.h"
#include "chat/backend.h"

namespace holysheep {

// The totals of a call's upstream attempts so far, including failed ones and
// those with other models. An attempt is counted when it is admitted.
struct AttemptStats {
  int attempts = 0;
  // The time in the queue for the limits.
  absl::Duration queued;
  // The time at the upstream, and the model of the last attempt.
  absl::Duration upstream;
  std::string model;
};

// Returns `request` with statistics to count in, which may be its own.
ChatRequest Counted(ChatRequest request);

// Sets `attempts` and `queue_ms` to what `request` has added since `before`.
void FillAttemptStats(const AttemptStats& before, const ChatRequest& request,
                      pb::InvokeResponse& response);

}  // namespace holysheep
