#pragma once

#include <memory>

#include "absl/time/time.h"
#include "base/event_loop.h"
#include "base/memory_account.h"
#include "chat/backend.h"
#include "intake/request_intake.h"
#include "intake/revocation.h"
#include "rpc/active_calls.h"
#include "rpc/rpc_call.h"

namespace holysheep {

// The objects that a batch uses; all must outlive it. As in NodeParts.
struct BatchReactorParts {
  EventLoop& loop;
  ChatBackend& chat;
  const RequestIntake& intake;
  ActiveCalls& calls;
  Revocation& revocation;
  MemoryAccount& memory;
};

// Answers one InvokeBatch of `caller`. Starts in the handler of `call` and then
// lives on the loop, except for the validation of items. REQUIRES:
// `parts.calls` has admitted the call. `deadline` is that of the RPC on the
// loop's clock, which bounds every item as well. A message that cannot be read
// fails its item, not the batch.
void StartBatchReactor(RpcCall& call, const BatchReactorParts& parts,
                       std::shared_ptr<const Caller> caller,
                       absl::Time deadline);

}  // namespace holysheep
