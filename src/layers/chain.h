#pragma once

#include <memory>

#include "absl/random/bit_gen_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "base/event_loop.h"
#include "base/worker.h"
#include "chat/answer_store.h"
#include "chat/attempt_sink.h"
#include "chat/backend.h"
#include "chat/call_sink.h"
#include "chat/charge_sink.h"
#include "layers/admission_layer.h"
#include "layers/deadline_layer.h"
#include "layers/retry_layer.h"
#include "policy/circuit_breaker_registry.h"
#include "policy/limiter.h"
#include "upstream/openai_options.h"

// The request path: the one list of layers that the service runs and that the
// contract of a call is tested with.
namespace holysheep {

// What the layers obey. They hold references to its parts, so a reload assigns
// a new value, on the loop.
struct ChainOptions {
  CacheOptions cache;
  RetryOptions retry;
  CircuitBreakerOptions breaker;
  LimiterOptions limits;
  AdmissionOptions admission;
  OpenAiOptions upstream;
};

// What the layers consult and tell. Everything must outlive the chain.
struct ChainParts {
  EventLoop& loop;
  Worker& worker;
  const ChainOptions& options;
  absl::BitGenRef random;
  DrainDeadline& drain_deadline;
  AnswerStore& store;
  CircuitBreakerRegistry& breakers;
  Limiter& limiter;
  AdmissionGauges& gauges;
  CallSink& calls;
  AttemptSink& attempts;
  ChargeSink& charges;
};

// One layer: its name as in ARCHITECTURE.md, and how it is put over `next`.
struct ChainLayer {
  absl::string_view name;
  std::unique_ptr<ChatBackend> (*over)(const ChainParts& parts,
                                       std::unique_ptr<ChatBackend> next);
};

// In the order in which a call passes them.
absl::Span<const ChainLayer> ChainLayers();

// All layers over `backend`, which asks the upstream. Loop thread only.
std::unique_ptr<ChatBackend> BuildChain(const ChainParts& parts,
                                        std::unique_ptr<ChatBackend> backend);

}  // namespace holysheep
