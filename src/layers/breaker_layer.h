#pragma once

#include <memory>

#include "absl/status/status.h"
#include "base/event_loop.h"
#include "chat/backend.h"
#include "policy/circuit_breaker_registry.h"

namespace holysheep {

// Refuses a call with CIRCUIT_OPEN while its model is known to be down (see
// HealthLayer). When that becomes known, or when a waiting call becomes the
// probe, the calls that wait for the limits are refused as well. `breakers`
// must outlive the layer, which becomes its gate. On the loop only.
std::unique_ptr<ChatBackend> BreakerLayer(EventLoop& loop,
                                          CircuitBreakerRegistry& breakers,
                                          std::unique_ptr<ChatBackend> next);

// Returns CIRCUIT_OPEN with the time until another attempt, which is never 0.
absl::Status CircuitOpenError(const CircuitBreakerRegistry::Entry& entry);

}  // namespace holysheep
