#include "rpc/admin_service.h"

#include <functional>
#include <utility>
#include <vector>

#include "base/errors.h"
#include "holysheep/node/v1/node.pb.h"
#include "rpc/loop_call.h"
#include "rpc/rpc_context.h"
#include "rpc/wire.h"

namespace holysheep {
namespace {

using grpc::ByteBuffer;

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

// Every call that MayAdminister has admitted leaves `active` exactly once:
// here, or in AnswerOnLoop.
class AdminService final : public RpcService {
 public:
  explicit AdminService(const AdminParts& parts) : parts_(parts) {}

  std::string name() const override { return "holysheep.node.v1.NodeAdmin"; }

  // The ledger may be long, and the store full.
  std::vector<RpcMethod> methods() override {
    const auto to = [this](void (AdminService::*method)(RpcCall&)) {
      return std::bind_front(method, this);
    };
    return {{"GetStats", to(&AdminService::GetStats)},
            {"GetUsage", to(&AdminService::GetUsage), false, true},
            {"PurgeCache", to(&AdminService::PurgeCache), false, true}};
  }

 private:
  void GetStats(RpcCall& call) {
    const absl::Status allowed = MayAdminister(call);
    if (!allowed.ok()) return FinishNow(call, allowed);
    AnswerOnLoop(call, parts_.loop, parts_.active, [this, &call] {
      pb::GetStatsResponse stats;
      FillCounts(stats);
      FillBreakers(stats);
      FillLearned(stats);
      call.response() = Serialize(stats);
    });
  }

  void GetUsage(RpcCall& call) {
    const absl::Status allowed = MayAdminister(call);
    if (!allowed.ok()) return FinishNow(call, allowed);
    const auto usage = Report(call.request());
    if (usage.ok()) call.response() = Serialize(*usage);
    parts_.active.Leave();
    FinishNow(call, usage.status());
  }

  void PurgeCache(RpcCall& call) {
    const absl::Status allowed = MayAdminister(call);
    if (!allowed.ok()) return FinishNow(call, allowed);
    const absl::StatusOr<int64_t> removed = Purge(parts_.store, call.request());
    if (removed.ok()) {
      pb::PurgeCacheResponse purged;
      purged.set_removed(*removed);
      call.response() = Serialize(purged);
    }
    parts_.active.Leave();
    FinishNow(call, removed.status());
  }

  // Returns OK if the call may go on; `active` has then admitted it.
  absl::Status MayAdminister(RpcCall& call) const {
    const auto caller = parts_.intake.Identify(
        [&call](absl::string_view name) {
          return FindMetadata(call.context(), name);
        },
        Role::kAdmin);
    NoteCaller(call, caller.status());
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

  void FillLearned(pb::GetStatsResponse& response) const {
    for (const LearnedWire::Entry& entry : parts_.learned.List()) {
      pb::Learned& learned = *response.add_learned();
      learned.set_model(entry.model);
      learned.set_parameter(entry.parameter);
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

std::unique_ptr<RpcService> NewAdminService(const AdminParts& parts) {
  return std::make_unique<AdminService>(parts);
}

}  // namespace holysheep
