#pragma once

#include <memory>

#include "base/event_loop.h"
#include "chat/backend.h"
#include "policy/circuit_breaker_registry.h"

namespace holysheep {

// Reports to `breakers` what each attempt says about the upstream's health.
// Stands below the limits, so that an attempt is judged, and the right to probe
// used, only when it really starts. A failure caused by a bound of the caller's
// own does not count, unless the call's whole deadline has passed after a
// silence longer than CircuitBreakerOptions::fair_silence. The first piece of a
// probe closes the circuit. `breakers` must outlive the layer. On the loop
// only. The row of a reason says whether it counts (base/reasons.h).
std::unique_ptr<ChatBackend> HealthLayer(EventLoop& loop,
                                         CircuitBreakerRegistry& breakers,
                                         std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
