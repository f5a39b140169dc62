#pragma once

#include <string>

#include "absl/time/time.h"
#include "chat/backend.h"

namespace holysheep {

// What the upstream attempts for a call have taken so far, failed ones and
// those for other models included. Counted where an attempt is let in.
struct AttemptStats {
  int attempts = 0;
  // In the queue for the limits.
  absl::Duration queued;
  // At the upstream, and the model that was asked last.
  absl::Duration upstream;
  std::string model;
};

// `request` with statistics to count in: its own, if it has one already.
ChatRequest Counted(ChatRequest request);

// Fills `attempts` and `queue_ms` with what `request` has taken since it had
// taken `before`.
void FillAttemptStats(const AttemptStats& before, const ChatRequest& request,
                      pb::InvokeResponse& response);

}  // namespace holysheep
