#pragma once

#include <memory>
#include <random>
#include <utility>

#include "chat/answer_store.h"
#include "layers/admission_layer.h"
#include "layers/billing_layer.h"
#include "layers/breaker_layer.h"
#include "layers/cache_layer.h"
#include "layers/deadline_layer.h"
#include "layers/fallback_layer.h"
#include "layers/health_layer.h"
#include "layers/metering_layer.h"
#include "layers/retry_layer.h"
#include "layers/sinks.h"
#include "support/fake_backend.h"
#include "support/fake_event_loop.h"

namespace holysheep {

// All that the layers consult, and the chain in the order of the architecture.
struct ChainRig {
  // `next` under all layers.
  std::unique_ptr<ChatBackend> Compose(std::unique_ptr<ChatBackend> next) {
    next = BillingLayer(charges, std::move(next));
    next = HealthLayer(loop, breakers, std::move(next));
    next = AdmissionLayer(loop, limiter, admission, gauges, std::move(next));
    next = BreakerLayer(loop, breakers, std::move(next));
    next = RetryLayer(loop, retry, random, std::move(next));
    next = FallbackLayer(std::move(next));
    next = CacheLayer(loop, store, cache, std::move(next));
    next = DeadlineLayer(loop, drain_deadline, std::move(next));
    return MeteringLayer(loop, calls, std::move(next));
  }

  FakeEventLoop loop;
  DrainDeadline drain_deadline;
  std::mt19937_64 random{1};
  CacheOptions cache;
  AnswerStore store{cache};
  RetryOptions retry;
  CircuitBreakerOptions breaker;
  CircuitBreakerRegistry breakers{breaker};
  LimiterOptions limits;
  Limiter limiter{limits};
  AdmissionOptions admission;
  AdmissionGauges gauges;
  ChargeLog charges;
  CallLog calls;
};

}  // namespace holysheep
