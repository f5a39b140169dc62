#pragma once

#include <grpcpp/impl/service_type.h>

#include <memory>
#include <string>
#include <vector>

#include "rpc/anonymous_streams.h"

namespace holysheep {

// Implements grpc.health.v1.Health for a server that has one state as a whole.
// Each Watch occupies one of `streams`. Thread-safe.
class HealthService {
 public:
  virtual ~HealthService() = default;

  // The service to be registered; it lives as long as this.
  virtual grpc::Service& service() = 0;

  // Sets the state for all checks and watches from now on. SERVING at first.
  virtual void SetServing(bool serving) = 0;

  // Whether any client watches now.
  virtual bool IsWatched() const = 0;
};

// Answers for `services` (full names), for itself and for the server.
std::unique_ptr<HealthService> NewHealthService(
    std::vector<std::string> services,
    std::shared_ptr<StrangerStreams> streams);

}  // namespace holysheep
