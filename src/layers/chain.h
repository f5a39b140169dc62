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
#include "policy/learned_wire.h"
#include "policy/limiter.h"
#include "upstream/openai_options.h"

// The request path: the list of layers, which both the service and the contract
// tests of a call use.
namespace holysheep {

// The options of the layers. They hold references to its parts, so a reload
// assigns a new value, on the loop.
struct ChainOptions {
  CacheOptions cache;
  RetryOptions retry;
  CircuitBreakerOptions breaker;
  LimiterOptions limits;
  AdmissionOptions admission;
  OpenAiOptions upstream;
};

// The objects that the layers use. All must outlive the chain.
struct ChainParts {
  EventLoop& loop;
  Worker& worker;
  const ChainOptions& options;
  absl::BitGenRef random;
  // Ends the running calls when the service has drained for too long.
  DrainDeadline& drain_deadline;
  AnswerStore& store;
  CircuitBreakerRegistry& breakers;
  Limiter& limiter;
  // Which parameters models have refused.
  LearnedWire& learned;
  // The present load, for the metrics.
  AdmissionGauges& gauges;
  // The sinks of calls, attempts and charges.
  CallSink& calls;
  AttemptSink& attempts;
  ChargeSink& charges;
};

// A layer: its name as in ARCHITECTURE.md, and the function that puts it over
// `next`.
struct ChainLayer {
  absl::string_view name;
  std::unique_ptr<ChatBackend> (*over)(const ChainParts& parts,
                                       std::unique_ptr<ChatBackend> next);
};

// The layers in the order in which a call passes them. Static.
absl::Span<const ChainLayer> ChainLayers();

// Puts all layers over `backend`, which calls the upstream. On the loop only.
std::unique_ptr<ChatBackend> BuildChain(const ChainParts& parts,
                                        std::unique_ptr<ChatBackend> backend);

}  // namespace holysheep
