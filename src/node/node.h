#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "config/config.h"
#include "telemetry/logger.h"

namespace holysheep {

// The running service: an event loop on its own thread, the chain of layers on
// it, and the gRPC server. All methods are for the main thread, which waits for
// signals meanwhile (node/main.cc).
class Node {
 public:
  // Ends what DrainAndStop has not ended, without a grace. Blocks.
  virtual ~Node() = default;

  // The port that the gRPC server listens on.
  virtual int port() const = 0;
  // The port of /metrics, /healthz and /readyz; 0 if they are off.
  virtual int http_port() const = 0;

  // Adopts the settings that can change without a restart; see NeedsRestart.
  // Call it on the thread that calls DrainAndStop. REQUIRES: `config` has been
  // checked. Running calls go on with the values they began with or the new
  // ones, whichever a layer reads next. An error changes nothing.
  virtual absl::Status Reload(const config::Config& config) = 0;

  // Sets the health to NOT_SERVING, refuses new calls, lets running ones end
  // within `config.drain_timeout`, and stops. Blocks. Call it once.
  virtual void DrainAndStop() = 0;
};

// Starts the service. The error says what prevents it. `logger` must outlive
// it. Blocks until both ports are listened on. If the default port for
// monitoring is taken, the service starts without it and says so in the log;
// any other port that is taken is UNAVAILABLE.
absl::StatusOr<std::unique_ptr<Node>> StartNode(const config::Config& config,
                                                Logger& logger);

}  // namespace holysheep
