#pragma once

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <string>

#include "base/event_loop.h"
#include "server/active_calls.h"
#include "server/credential_check.h"

namespace holysheep {

// Answers one ValidateCredentials by `check`. REQUIRES: `calls` has let the
// call in.
grpc::ServerUnaryReactor* NewCredentialCall(EventLoop& loop,
                                            CredentialCheck& check,
                                            ActiveCalls& calls, std::string key,
                                            grpc::ByteBuffer* response);

}  // namespace holysheep
