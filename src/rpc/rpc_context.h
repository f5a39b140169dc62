#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/event_loop.h"
#include "intake/caller.h"
#include "rpc/rpc_call.h"

// Access to gRPC's context for the RPC handlers.
namespace holysheep {

// Returns the values of the client's metadata `name`, or of kPeerName. Valid as
// long as `context`. `name` is in lower case, as HTTP/2 demands. Empty if the
// client sent none. Of a certificate only the first name counts.
MetadataValues FindMetadata(const grpc::ServerContext& context,
                            absl::string_view name);

// Returns the client's deadline on the loop's clock; infinite without one. gRPC
// counts on the wall clock, which may jump; the loop's does not.
absl::Time DeadlineOf(const grpc::ServerContext& context,
                      const EventLoop& loop);

// Says of the call's connection that its caller is known, unless `received`,
// the outcome of receiving the call, is that nobody knows them.
void NoteCaller(RpcCall& call, const absl::Status& received);

// Ends a call at once, in its handler. If `status` is OK, the response of the
// call must have been written.
void FinishNow(RpcCall& call, const absl::Status& status);

// The error of calls that arrive while the service drains. Its reason is
// DRAINING, on which clients turn to another instance.
absl::Status DrainingError();

}  // namespace holysheep
