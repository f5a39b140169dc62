#pragma once

#include <memory>

#include "base/event_loop.h"
#include "chat/backend.h"
#include "policy/circuit_breaker_registry.h"

namespace holysheep {

// Tells `breakers` what each attempt says of the upstream's health. Below the
// limits, so that an attempt is judged, and the right to probe taken, only once
// it really begins. What comes of a bound that the caller chose says nothing,
// unless the deadline of the whole call has run out after more silence than
// CircuitBreakerOptions::fair_silence. A probe's first piece closes the
// circuit. `breakers` must outlive the layer.
std::unique_ptr<ChatBackend> HealthLayer(EventLoop& loop,
                                         CircuitBreakerRegistry& breakers,
                                         std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
