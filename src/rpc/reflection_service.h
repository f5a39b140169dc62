#pragma once

#include <grpcpp/impl/service_type.h>

#include <memory>
#include <string>
#include <vector>

#include "rpc/anonymous_streams.h"

namespace holysheep {

// Implements grpc.reflection.v1.ServerReflection and its older version v1alpha.
// No thread waits for a stream. Each stream occupies one of `streams`.
// Thread-safe.
class ReflectionService {
 public:
  virtual ~ReflectionService() = default;

  // The services to be registered; they live as long as this.
  virtual std::vector<grpc::Service*> services() = 0;
};

// Answers for `services` (full names) and for itself.
std::unique_ptr<ReflectionService> NewReflectionService(
    std::vector<std::string> services,
    std::shared_ptr<StrangerStreams> streams);

}  // namespace holysheep
