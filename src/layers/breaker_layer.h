#pragma once

#include <memory>

#include "absl/status/status.h"
#include "base/event_loop.h"
#include "chat/backend.h"
#include "policy/circuit_breaker_registry.h"

namespace holysheep {

// Refuses a call at once, with CIRCUIT_OPEN, while its model is known to be
// down (see Judge), and with it those that wait for the limits when that
// becomes known, or when one of them has become the probe. `breakers` must
// outlive the layer, and has this one as its gate.
std::unique_ptr<ChatBackend> BreakerLayer(EventLoop& loop,
                                          CircuitBreakerRegistry& breakers,
                                          std::unique_ptr<ChatBackend> next);

// CIRCUIT_OPEN, with when to ask again.
absl::Status CircuitOpenError(const CircuitBreakerRegistry::Entry& entry);

}  // namespace holysheep
