// The order is the design:
// - A call that is answered from the cache or joins another takes no attempt,
//   limit or money, so Cache stands above all that give these out.
// - Memory stands where a reader's copy of the answer leaves the layers;
//   FlightMemory below all that collect an answer, so it counts each once.
// - What waits holds nothing, so Retry and Fallback stand above Admission.
// - Learning repeats what a model refused, which takes nothing of the retries,
//   but passes breaker and limits like any attempt.
// - Breaker refuses before a call waits for a limit; Health judges, and takes
//   the right to probe, only once the limits have let an attempt go.
// - Billing stands below the limits, because they settle what it has priced.
// - KeyVeil sees all that the upstream says before any other layer does.
#include "layers/chain.h"

#include <utility>

#include "layers/attempt_metrics_layer.h"
#include "layers/billing_layer.h"
#include "layers/breaker_layer.h"
#include "layers/cache_layer.h"
#include "layers/encoding_layer.h"
#include "layers/fallback_layer.h"
#include "layers/health_layer.h"
#include "layers/key_veil_layer.h"
#include "layers/learning_layer.h"
#include "layers/memory/memory_layer.h"
#include "layers/metering_layer.h"
#include "layers/schema_layer.h"

namespace holysheep {
namespace {

using Next = std::unique_ptr<ChatBackend>;
using P = const ChainParts&;

// clang-format off
constexpr ChainLayer kLayers[] = {
    {"Metering", [](P p, Next next) {
       return MeteringLayer(p.loop, p.calls, std::move(next)); }},
    {"Memory", [](P p, Next next) {
       return MemoryLayer(p.loop, MemoryOf::kReader, std::move(next)); }},
    {"Deadline", [](P p, Next next) {
       return DeadlineLayer(p.loop, p.drain_deadline, std::move(next)); }},
    {"Cache", [](P p, Next next) {
       return CacheLayer(p.loop, p.store, p.options.cache, std::move(next)); }},
    {"Fallback", [](P, Next next) {
       return FallbackLayer(std::move(next)); }},
    {"Schema", [](P p, Next next) {
       return SchemaLayer(p.loop, p.worker, std::move(next)); }},
    {"FlightMemory", [](P p, Next next) {
       return MemoryLayer(p.loop, MemoryOf::kFlight, std::move(next)); }},
    {"Retry", [](P p, Next next) {
       return RetryLayer(p.loop, p.options.retry, p.random, std::move(next)); }},
    {"Learning", [](P p, Next next) {
       return LearningLayer(p.learned, p.options.upstream, std::move(next)); }},
    {"Breaker", [](P p, Next next) {
       return BreakerLayer(p.loop, p.breakers, std::move(next)); }},
    {"Admission", [](P p, Next next) {
       return AdmissionLayer(p.loop, p.limiter, p.options.admission, p.gauges,
                             std::move(next)); }},
    {"Health", [](P p, Next next) {
       return HealthLayer(p.loop, p.breakers, std::move(next)); }},
    {"AttemptMetrics", [](P p, Next next) {
       return AttemptMetricsLayer(p.loop, p.attempts, std::move(next)); }},
    {"Billing", [](P p, Next next) {
       return BillingLayer(p.charges, std::move(next)); }},
    {"KeyVeil", [](P p, Next next) {
       return KeyVeilLayer(p.options.upstream, std::move(next)); }},
    {"Encoding", [](P p, Next next) {
       return EncodingLayer(p.loop, p.worker, p.options.upstream,
                            std::move(next)); }},
};
// clang-format on

}  // namespace

absl::Span<const ChainLayer> ChainLayers() { return kLayers; }

std::unique_ptr<ChatBackend> BuildChain(const ChainParts& parts,
                                        std::unique_ptr<ChatBackend> backend) {
  std::unique_ptr<ChatBackend> chain = std::move(backend);
  const absl::Span<const ChainLayer> layers = ChainLayers();
  for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
    chain = layer->over(parts, std::move(chain));
  }
  return chain;
}

}  // namespace holysheep
