#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "config/config.h"
#include "telemetry/logger.h"

namespace holysheep {

// The running service: an event loop on its own thread, the chain of layers on
// it, and the gRPC server.
class Node {
 public:
  virtual ~Node() = default;

  // The port that the gRPC server listens on.
  virtual int port() const = 0;
  // The port of /metrics, /healthz and /readyz; 0 if they are off.
  virtual int http_port() const = 0;

  // Adopts the settings that can change without a restart; see NeedsRestart.
  // Call it on the thread that calls DrainAndStop.
  virtual absl::Status Reload(const config::Config& config) = 0;

  // Sets the health to NOT_SERVING, refuses new calls, lets running ones end
  // within `config.drain_timeout`, and stops. Blocks. Call it once.
  virtual void DrainAndStop() = 0;
};

// Starts the service. The error says what prevents it. `logger` must outlive
// it.
absl::StatusOr<std::unique_ptr<Node>> StartNode(const config::Config& config,
                                                Logger& logger);

}  // namespace holysheep
