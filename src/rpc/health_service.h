#pragma once

#include <grpcpp/impl/service_type.h>

#include <memory>
#include <string>
#include <vector>

#include "rpc/anonymous_streams.h"

namespace holysheep {

// grpc.health.v1.Health for a server that is in one state as a whole. Each
// Watch takes one of `streams`. Thread-safe.
class HealthService {
 public:
  virtual ~HealthService() = default;

  // To be registered; lives as long as this.
  virtual grpc::Service& service() = 0;

  // Tells everyone who asks or watches from now on. SERVING at first.
  virtual void SetServing(bool serving) = 0;

  // Whether anyone watches now.
  virtual bool IsWatched() const = 0;
};

// Answers for `services` (full names), for itself and for the server.
std::unique_ptr<HealthService> NewHealthService(
    std::vector<std::string> services,
    std::shared_ptr<StrangerStreams> streams);

}  // namespace holysheep
