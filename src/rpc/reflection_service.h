#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rpc/anonymous_streams.h"
#include "rpc/async_call.h"

namespace holysheep {

// Implements grpc.reflection.v1.ServerReflection and its older version v1alpha.
// No thread waits for a stream. Each stream occupies one of `streams`.
// Thread-safe. gRPC's own implementation keeps a thread for each stream, which
// any client could use up. Answers for `services` (full names) and for itself.
// Requests over kMaxStrangersBytes (wire.h) end their stream.
std::vector<std::unique_ptr<RpcService>> NewReflectionServices(
    std::vector<std::string> services,
    std::shared_ptr<StrangerStreams> streams);

}  // namespace holysheep
