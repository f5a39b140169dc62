#pragma once

#include <cstdint>
#include <memory>

#include "absl/time/time.h"
#include "base/event_loop.h"
#include "chat/backend.h"
#include "policy/limiter.h"

namespace holysheep {

struct AdmissionOptions {
  // Calls that may wait at once; 0 is no limit but the hard one of 1,000,000.
  int64_t max_queue = 1000;
  // Longest wait; 0 is none at all. A request may ask for less.
  absl::Duration max_queue_wait = absl::Seconds(60);
};

// How full the layer is. Loop thread only.
struct AdmissionGauges {
  int64_t queue = 0;
  int64_t attempts = 0;
};

// Lets an attempt through to `next` once all limits allow it: callers take
// turns, interactive before batch, each caller in its own order; batch calls
// fill no more than half of the queue. A call that cannot make it before its
// deadline is refused at once. Holds the slot until the attempt ends, in
// whatever way, and settles the reservation to what it used, or can have used
// where no answer says so. Sets `queue_ms`.
// What is passed by reference must outlive the layer.
std::unique_ptr<ChatBackend> AdmissionLayer(EventLoop& loop, Limiter& limiter,
                                            const AdmissionOptions& options,
                                            AdmissionGauges& gauges,
                                            std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
