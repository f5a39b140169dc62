#pragma once

#include <memory>
#include <random>
#include <utility>

#include "layers/chain.h"
#include "layers/sinks.h"
#include "store/memory_answers.h"
#include "support/fake_backend.h"
#include "support/fake_event_loop.h"
#include "support/fake_worker.h"

namespace holysheep {

// All that the layers of the service consult, with fakes for what is outside.
struct ChainRig {
  // `backend` under all the layers of the service.
  std::unique_ptr<ChatBackend> Compose(std::unique_ptr<ChatBackend> backend) {
    return BuildChain(parts(), std::move(backend));
  }

  ChainParts parts() {
    return {loop,    worker,  options, random, drain_deadline, store,  breakers,
            limiter, learned, gauges,  calls,  attempts,       charges};
  }

  FakeEventLoop loop;
  FakeWorker worker;
  DrainDeadline drain_deadline;
  std::mt19937_64 random{1};
  ChainOptions options;
  CacheOptions& cache = options.cache;
  RetryOptions& retry = options.retry;
  CircuitBreakerOptions& breaker = options.breaker;
  LimiterOptions& limits = options.limits;
  AdmissionOptions& admission = options.admission;
  MemoryAnswers store{options.cache};
  CircuitBreakerRegistry breakers{options.breaker};
  Limiter limiter{options.limits};
  LearnedWire learned;
  AdmissionGauges gauges;
  ChargeLog charges;
  CallLog calls;
  AttemptLog attempts;
};

}  // namespace holysheep
