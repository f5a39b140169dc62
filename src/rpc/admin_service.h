#pragma once

#include <functional>
#include <memory>

#include "base/event_loop.h"
#include "chat/answer_store.h"
#include "chat/call_stats.h"
#include "intake/request_intake.h"
#include "layers/admission_layer.h"
#include "policy/circuit_breaker_registry.h"
#include "policy/learned_wire.h"
#include "policy/limiter.h"
#include "rpc/active_calls.h"
#include "rpc/async_call.h"

namespace holysheep {

namespace node::v1 {
class GetUsageRequest;
class GetUsageResponse;
}  // namespace node::v1

// The objects that the NodeAdmin service uses; all must outlive it. References,
// so that the values of the moment are read with each call.
struct AdminParts {
  EventLoop& loop;
  AnswerStore& store;
  const CallStats& stats;
  const AdmissionGauges& gauges;
  const Limiter& limiter;
  const CircuitBreakerRegistry& breakers;
  const LearnedWire& learned;
  const RequestIntake& intake;
  // Admits each call after its caller has been identified.
  ActiveCalls& active;
  // Thread-safe. Answers GetUsage on a worker's thread, as ReportUsage
  // (store/usage_report.h) does: rpc must not know the store.
  std::function<absl::StatusOr<pb::GetUsageResponse>(
      const pb::GetUsageRequest&)>
      usage;
};

// Implements holysheep.node.v1.NodeAdmin. Every call requires the admin role.
// GetStats reads objects of the loop and therefore runs there; GetUsage and
// PurgeCache run on workers. Errors are those of
// RequestIntake::Identify, DRAINING, and INVALID_ARGUMENT for a message that
// cannot be read or names no target.
std::unique_ptr<RpcService> NewAdminService(const AdminParts& parts);

}  // namespace holysheep
