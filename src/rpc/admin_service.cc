#include "rpc/admin_service.h"

#include <utility>

#include "base/errors.h"
#include "holysheep/node/v1/node.grpc.pb.h"
#include "rpc/loop_call.h"
#include "rpc/rpc_context.h"
#include "rpc/wire.h"

namespace holysheep {
namespace {

using Context = grpc::CallbackServerContext;
using grpc::ByteBuffer;
using grpc::ServerUnaryReactor;

pb::Breaker::State StateOnWire(CircuitBreaker::State state) {
  switch (state) {
    case CircuitBreaker::State::kOpen:
      return pb::Breaker::OPEN;
    case CircuitBreaker::State::kHalfOpen:
      return pb::Breaker::HALF_OPEN;
    case CircuitBreaker::State::kClosed:
      return pb::Breaker::CLOSED;
  }
  return pb::Breaker::STATE_UNSPECIFIED;
}

absl::StatusOr<int64_t> Purge(AnswerStore& store, const ByteBuffer& packed) {
  pb::PurgeCacheRequest request;
  absl::Status read = Parse(packed, request);
  if (!read.ok()) return read;
  switch (request.target_case()) {
    case pb::PurgeCacheRequest::kAll:
      if (!request.all()) return InvalidField("all", "true is the only value");
      return store.PurgeAll();
    case pb::PurgeCacheRequest::kModel:
      return store.PurgeModel(request.model());
    case pb::PurgeCacheRequest::kNamespace:
      return store.PurgeNamespace(request.namespace_());
    default:
      return InvalidField("target",
                          "say what to purge: all, model or namespace");
  }
}

// Every method receives and returns packed messages, see wire.h.
using RawAdmin = pb::NodeAdmin::WithRawCallbackMethod_GetStats<
    pb::NodeAdmin::WithRawCallbackMethod_GetUsage<
        pb::NodeAdmin::WithRawCallbackMethod_PurgeCache<
            pb::NodeAdmin::Service>>>;

// Every call that MayAdminister has admitted leaves `active` exactly once:
// here, or in AnswerOnLoop.
class AdminService final : public RawAdmin {
 public:
  explicit AdminService(const AdminParts& parts) : parts_(parts) {}

  ServerUnaryReactor* GetStats(Context* context, const ByteBuffer*,
                               ByteBuffer* response) override {
    const absl::Status allowed = MayAdminister(*context);
    if (!allowed.ok()) return FinishNow(*context, allowed);
    return AnswerOnLoop(parts_.loop, parts_.active, [this, response] {
      pb::GetStatsResponse stats;
      FillCounts(stats);
      FillBreakers(stats);
      *response = Serialize(stats);
    });
  }

  ServerUnaryReactor* GetUsage(Context* context, const ByteBuffer* request,
                               ByteBuffer* response) override {
    const absl::Status allowed = MayAdminister(*context);
    if (!allowed.ok()) return FinishNow(*context, allowed);
    const auto usage = Report(*request);
    if (usage.ok()) *response = Serialize(*usage);
    parts_.active.Leave();
    return FinishNow(*context, usage.status());
  }

  ServerUnaryReactor* PurgeCache(Context* context, const ByteBuffer* request,
                                 ByteBuffer* response) override {
    const absl::Status allowed = MayAdminister(*context);
    if (!allowed.ok()) return FinishNow(*context, allowed);
    const absl::StatusOr<int64_t> removed = Purge(parts_.store, *request);
    if (removed.ok()) {
      pb::PurgeCacheResponse purged;
      purged.set_removed(*removed);
      *response = Serialize(purged);
    }
    parts_.active.Leave();
    return FinishNow(*context, removed.status());
  }

 private:
  // Returns OK if the call may go on; `active` has then admitted it.
  absl::Status MayAdminister(const Context& context) const {
    const auto caller = parts_.intake.Identify(
        [&context](absl::string_view name) {
          return FindMetadata(context, name);
        },
        Role::kAdmin);
    if (!caller.ok()) return caller.status();
    return parts_.active.TryEnter() ? absl::OkStatus() : DrainingError();
  }

  absl::StatusOr<pb::GetUsageResponse> Report(const ByteBuffer& packed) const {
    pb::GetUsageRequest request;
    absl::Status read = Parse(packed, request);
    if (!read.ok()) return read;
    return parts_.usage(request);
  }

  void FillCounts(pb::GetStatsResponse& response) const {
    const CallStats::Counts counts = parts_.stats.Read();
    response.set_calls(counts.calls);
    response.set_errors(counts.errors);
    const AnswerStore::Stats kept = parts_.store.GetStats();
    response.set_hits(kept.hits);
    response.set_misses(kept.misses);
    response.set_joins(kept.joins);
    response.set_stale(kept.stale);
    response.set_entries(kept.entries);
    response.set_bytes(kept.bytes);
    response.set_evictions(kept.evictions);
    response.set_queue(parts_.gauges.queue);
    response.set_upstream_attempts(parts_.gauges.attempts);
    response.set_in_flight(parts_.limiter.in_flight());
  }

  // All models of the catalog, and any other model with a failing circuit.
  void FillBreakers(pb::GetStatsResponse& response) const {
    const absl::Time now = parts_.loop.Now();
    const auto settings = parts_.intake.settings();
    for (const ModelInfo& model : settings->catalog->models()) {
      Add(parts_.breakers.Look(model.id, now), response);
    }
    for (const CircuitBreakerRegistry::Entry& entry :
         parts_.breakers.Snapshot(now)) {
      if (settings->catalog->Find(entry.model) == nullptr) Add(entry, response);
    }
  }

  static void Add(const CircuitBreakerRegistry::Entry& entry,
                  pb::GetStatsResponse& response) {
    pb::Breaker& breaker = *response.add_breakers();
    breaker.set_model(entry.model);
    breaker.set_state(StateOnWire(entry.state));
    breaker.set_failures(entry.failures);
    breaker.set_retry_after_ms(absl::ToInt64Milliseconds(entry.retry_after));
  }

  const AdminParts parts_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewAdminService(const AdminParts& parts) {
  return std::make_unique<AdminService>(parts);
}

}  // namespace holysheep
