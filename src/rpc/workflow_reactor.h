#pragma once

#include <memory>

#include "base/event_loop.h"
#include "chat/backend.h"
#include "jobs/workflow_plan.h"
#include "rpc/active_calls.h"
#include "rpc/rpc_context.h"

namespace holysheep {

// A workflow that has been found good.
struct ReceivedWorkflow {
  std::shared_ptr<const pb::RunWorkflowRequest> request;
  WorkflowPlan plan;
  ChatRequestMaker make;
};

// Answers one RunWorkflow through `chat`. A slow reader holds back only its own
// workflow, of which at most one step's events wait. Enters on a gRPC thread,
// then lives and dies on the loop; deletes itself. REQUIRES: `calls` has let
// the call in.
WriteReactor* NewWorkflowReactor(EventLoop& loop, ChatBackend& chat,
                                 ActiveCalls& calls, ReceivedWorkflow workflow);

}  // namespace holysheep
