#pragma once

#include <memory>

#include "base/event_loop.h"
#include "base/memory_account.h"
#include "chat/backend.h"
#include "intake/revocation.h"
#include "jobs/workflow_plan.h"
#include "rpc/active_calls.h"
#include "rpc/rpc_call.h"

namespace holysheep {

// A workflow that has been checked. Made in the handler by NodeService, and
// then moved to the loop.
struct ReceivedWorkflow {
  std::shared_ptr<const pb::RunWorkflowRequest> request;
  // The result of PlanWorkflow for `request`.
  WorkflowPlan plan;
  // Makes the call of a step, with the caller and the deadline of the RPC.
  ChatRequestMaker make;
  std::shared_ptr<const Caller> caller;
  // What the workflow holds: its request so far.
  std::shared_ptr<HeldMemory> memory;
};

// Answers one RunWorkflow through `chat`. A slow reader delays only its own
// workflow, of which at most one step's events wait. Starts in the handler of
// `call` and then lives on the loop. REQUIRES: `calls` has admitted the call. A
// failed step is an event; the RPC itself ends with OK unless its client leaves
// or there is no memory for what it has said.
void StartWorkflowReactor(RpcCall& call, EventLoop& loop, ChatBackend& chat,
                          ActiveCalls& calls, Revocation& revocation,
                          ReceivedWorkflow workflow);

}  // namespace holysheep
