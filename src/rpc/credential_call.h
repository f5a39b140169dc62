#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <string>

#include "base/event_loop.h"
#include "intake/credential_check.h"
#include "rpc/active_calls.h"

namespace holysheep {

// Answers one ValidateCredentials with the result of `check`. REQUIRES: `calls`
// has admitted the call. `key` is the caller's own upstream key; if empty, the
// service's is checked. The RPC itself always succeeds: what is wrong is in the
// response. `response` belongs to gRPC and lives as long as the call. Runs on
// the loop and deletes itself.
grpc::ServerUnaryReactor* NewCredentialCall(EventLoop& loop,
                                            CredentialCheck& check,
                                            ActiveCalls& calls, std::string key,
                                            grpc::ByteBuffer* response);

}  // namespace holysheep
