#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rpc/anonymous_streams.h"
#include "rpc/async_call.h"

namespace holysheep {

// Implements grpc.health.v1.Health for a server that has one state as a whole.
// Each Watch occupies one of `streams`. Thread-safe. Anyone may ask, without a
// token: load balancers do. No thread waits for a Watch.
class HealthService : public RpcService {
 public:
  // Sets the state for all checks and watches from now on. SERVING at first.
  virtual void SetServing(bool serving) = 0;

  // Whether any client watches now.
  virtual bool IsWatched() const = 0;
};

// Answers for `services` (full names), for itself and for the server. An
// unknown service is NOT_FOUND for Check and SERVICE_UNKNOWN for Watch, as the
// protocol demands. Beyond the bounds of `streams` a Watch is refused with
// QUEUE_FULL.
std::unique_ptr<HealthService> NewHealthService(
    std::vector<std::string> services,
    std::shared_ptr<StrangerStreams> streams);

}  // namespace holysheep
