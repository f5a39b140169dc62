#pragma once

#include <memory>

#include "base/event_loop.h"
#include "chat/chat_request.h"
#include "intake/credential_checks.h"
#include "rpc/active_calls.h"
#include "rpc/rpc_call.h"

namespace holysheep {

// Answers one ValidateCredentials with the result of `checks`. REQUIRES:
// `calls` has admitted the call. What is wrong with the credentials is in the
// response; the RPC fails only if they cannot be checked now. Starts in the
// handler of `call` and runs on the loop.
void StartCredentialCall(RpcCall& call, EventLoop& loop,
                         CredentialChecks& checks, ActiveCalls& calls,
                         std::shared_ptr<const Caller> caller);

}  // namespace holysheep
