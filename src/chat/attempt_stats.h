#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "chat/backend.h"

namespace holysheep {

// The totals of a call's upstream attempts so far, including failed ones and
// those with other models. An attempt is counted when it is admitted. Shared by
// the copies of one request, so that every layer sees the same counts. Loop
// thread only.
struct AttemptStats {
  int attempts = 0;
  // The time in the queue for the limits, and for a connection.
  absl::Duration queued;
  // The time at the upstream, and the model of the last attempt.
  absl::Duration upstream;
  std::string model;
  // When the upstream was asked for the answer of the present attempt; infinite
  // if none waits for its first piece. `on_asked`, if set, hears of a change.
  absl::Time asked = absl::InfiniteFuture();
  std::function<void()> on_asked;
};

// Returns `request` with statistics to count in, which may be its own.
ChatRequest Counted(ChatRequest request);

// The statistics of a request's attempts from the construction of this on.
class AttemptsSince {
 public:
  explicit AttemptsSince(const ChatRequest& request);

  // Whether no attempt has been let in since. False if the request has no
  // statistics. True means that nothing has been paid.
  bool none() const;
  // Fills `attempts` and `queue_ms`. REQUIRES: the request has statistics.
  void Fill(pb::InvokeResponse& response) const;

 private:
  // Null if the request has none.
  std::shared_ptr<const AttemptStats> stats_;
  int attempts_before_ = 0;
  absl::Duration queued_before_;
};

}  // namespace holysheep
