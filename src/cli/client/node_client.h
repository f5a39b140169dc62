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

enum class Health { kServing, kNotServing };

// The service, as commands call it: every call blocks, ends at the timeout of
// the settings and is cancelled by an interrupt (kCancelled). Errors carry the
// details that CallErrorOf reads. One thread at a time.
class NodeClient {
 public:
  // Whether more events are wanted; else the call ends with kCancelled, unless
  // it has ended already.
  using OnEvent = absl::FunctionRef<bool(const pb::InvokeEvent&)>;
  using OnWorkflowEvent = absl::FunctionRef<bool(const pb::WorkflowEvent&)>;

  virtual ~NodeClient() = default;

  virtual absl::StatusOr<pb::InvokeResponse> Invoke(
      const pb::InvokeRequest& request) = 0;
  // Calls `on_event` with each event as it comes.
  virtual absl::Status InvokeStream(const pb::InvokeRequest& request,
                                    OnEvent on_event) = 0;
  // A batch takes as long as it takes: it has no timeout. kCancelled, too, if
  // `on_result` ended it.
  virtual absl::Status InvokeBatch(const BatchEnds& ends) = 0;
  // Calls `on_event` with each event as it comes.
  virtual absl::Status RunWorkflow(const pb::RunWorkflowRequest& request,
                                   OnWorkflowEvent on_event) = 0;
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
  // grpc.health.v1. With `patience` waits that long for a connection.
  virtual absl::StatusOr<Health> CheckHealth(absl::Duration patience) = 0;
};

// `interrupt` must outlive the client.
std::unique_ptr<NodeClient> NewNodeClient(const Settings& settings,
                                          Interrupt& interrupt);

}  // namespace holysheep::cli
