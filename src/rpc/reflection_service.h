#pragma once

#include <grpcpp/impl/service_type.h>

#include <memory>
#include <string>
#include <vector>

#include "rpc/anonymous_streams.h"

namespace holysheep {

// Implements grpc.reflection.v1.ServerReflection and its older version v1alpha.
// No thread waits for a stream. Each stream occupies one of `streams`.
// Thread-safe. gRPC's own implementation keeps a thread for each stream, which
// any client could use up.
class ReflectionService {
 public:
  virtual ~ReflectionService() = default;

  // The services to be registered; they live as long as this.
  virtual std::vector<grpc::Service*> services() = 0;
};

// Answers for `services` (full names) and for itself. Requests over
// kMaxStrangersBytes (wire.h) end their stream.
std::unique_ptr<ReflectionService> NewReflectionService(
    std::vector<std::string> services,
    std::shared_ptr<StrangerStreams> streams);

}  // namespace holysheep
