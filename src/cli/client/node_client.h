#pragma once

#include <memory>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/client/batch_call.h"
#include "cli/client/interrupt.h"
#include "cli/client/settings.h"
#include "holysheep/node/v1/chat.pb.h"
#include "holysheep/node/v1/node.pb.h"

namespace holysheep::cli {

namespace pb = node::v1;

// The two states of grpc.health.v1 that matter to a client.
enum class Health { kServing, kNotServing };

// The service as commands call it. Every call blocks, ends at the timeout of
// the settings, and is cancelled by an interrupt (kCancelled). CallErrorOf
// reads the details of its errors. One thread at a time. Replaced by a fake in
// tests.
class NodeClient {
 public:
  // Returns whether more events are wanted; if not, the call ends with
  // kCancelled, unless it has ended already.
  using OnEvent = absl::FunctionRef<bool(const pb::InvokeEvent&)>;
  using OnWorkflowEvent = absl::FunctionRef<bool(const pb::WorkflowEvent&)>;

  virtual ~NodeClient() = default;

  // Waits for the whole answer.
  virtual absl::StatusOr<pb::InvokeResponse> Invoke(
      const pb::InvokeRequest& request) = 0;
  // Passes each event to `on_event` as it arrives. The last one is `final`, if
  // the call succeeds.
  virtual absl::Status InvokeStream(const pb::InvokeRequest& request,
                                    OnEvent on_event) = 0;
  // A batch has no timeout. Also returns kCancelled if `on_result` ended it.
  virtual absl::Status InvokeBatch(const BatchEnds& ends) = 0;
  // Passes each event to `on_event` as it arrives.
  virtual absl::Status RunWorkflow(const pb::RunWorkflowRequest& request,
                                   OnWorkflowEvent on_event) = 0;
  // The calls below each return the service's response, or the error of the
  // call. GetStats, GetUsage and PurgeCache need a token with the role admin.
  virtual absl::StatusOr<pb::ListModelsResponse> ListModels() = 0;
  virtual absl::StatusOr<pb::EstimateCostResponse> EstimateCost(
      const pb::EstimateCostRequest& request) = 0;
  virtual absl::StatusOr<pb::ValidateCredentialsResponse>
  ValidateCredentials() = 0;
  virtual absl::StatusOr<pb::GetStatsResponse> GetStats() = 0;
  virtual absl::StatusOr<pb::GetUsageResponse> GetUsage(
      const pb::GetUsageRequest& request) = 0;
  virtual absl::StatusOr<pb::PurgeCacheResponse> PurgeCache(
      const pb::PurgeCacheRequest& request) = 0;
  // Calls grpc.health.v1. Waits up to `patience` for a connection. No token is
  // needed. Zero or less does not wait.
  virtual absl::StatusOr<Health> CheckHealth(absl::Duration patience) = 0;
};

// `interrupt` must outlive the client. Connects with the first call. `settings`
// are copied.
std::unique_ptr<NodeClient> NewNodeClient(const Settings& settings,
                                          Interrupt& interrupt);

}  // namespace holysheep::cli
