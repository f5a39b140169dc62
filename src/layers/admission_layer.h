#pragma once

#include <cstdint>
#include <memory>

#include "base/event_loop.h"
#include "chat/backend.h"
#include "layers/layer_options.h"
#include "policy/limiter.h"

namespace holysheep {

// How full the layer is. On the loop only. Written by the layer, read for
// /metrics and GetStats.
struct AdmissionGauges {
  int64_t queue = 0;
  int64_t attempts = 0;
};

// Passes an attempt to `next` when all limits allow it. Callers take turns,
// interactive calls before batch calls, and the calls of one caller in order;
// batch calls fill at most half of the queue. A call that cannot start before
// its deadline is refused at once. The slot is held until the attempt ends, in
// whatever way. The reservation is then settled to the real usage, or to an
// estimate if no answer reports it. Sets `queue_ms`. The arguments must outlive
// the layer. On the loop only. Errors of its own: RATE_LIMITED_LOCAL,
// BUDGET_EXCEEDED and QUEUE_FULL, each with a wait if it is known.
std::unique_ptr<ChatBackend> AdmissionLayer(EventLoop& loop, Limiter& limiter,
                                            const AdmissionOptions& options,
                                            AdmissionGauges& gauges,
                                            std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
