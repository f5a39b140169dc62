#pragma once

#include <string>

#include "base/event_loop.h"
#include "intake/credential_check.h"
#include "rpc/active_calls.h"
#include "rpc/rpc_call.h"

namespace holysheep {

// Answers one ValidateCredentials with the result of `check`. REQUIRES: `calls`
// has admitted the call. `key` is the caller's own upstream key; if empty, the
// service's is checked. The RPC itself always succeeds: what is wrong is in the
// response. Starts in the handler of `call` and runs on the loop.
void StartCredentialCall(RpcCall& call, EventLoop& loop, CredentialCheck& check,
                         ActiveCalls& calls, std::string key);

}  // namespace holysheep
