#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "config/config.h"
#include "telemetry/logger.h"

namespace holysheep {

// The running service: one event loop on its own thread, the chain of layers
// on it, and the gRPC server in front.
class Node {
 public:
  virtual ~Node() = default;

  // The port that the gRPC server listens on.
  virtual int port() const = 0;
  // The port of /metrics, /healthz and /readyz; 0 if they are off.
  virtual int http_port() const = 0;

  // Takes up what can change without a restart; see NeedsRestart. On the thread
  // that calls DrainAndStop.
  virtual absl::Status Reload(const config::Config& config) = 0;

  // Turns health to NOT_SERVING and new calls away, lets running ones end
  // within `config.drain_timeout`, and stops. Blocks. Once.
  virtual void DrainAndStop() = 0;
};

// Starts to serve. An error says what is in the way. `logger` must outlive it.
absl::StatusOr<std::unique_ptr<Node>> StartNode(const config::Config& config,
                                                Logger& logger);

}  // namespace holysheep
