#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "boost/asio/io_context.hpp"
#include "sim/simulator.h"

namespace holysheep::sim {

struct ServerOptions {
  // An IP address and a port, such as `127.0.0.1:9000`; port 0 is any.
  std::string listen = "127.0.0.1:9000";
  // Beyond these, connections are closed at once.
  int max_connections = 20'000;
};

// Serves a simulator over HTTP/1.1 as long as it lives and `io` runs. `io` runs
// on one thread.
class Server {
 public:
  virtual ~Server() = default;

  // Where it listens, with the real port.
  virtual std::string address() const = 0;
};

// `io` and `simulator` must outlive the server, and `simulator` the handlers
// that `io` still holds. INVALID_ARGUMENT for an address that cannot be used.
absl::StatusOr<std::unique_ptr<Server>> StartServer(
    boost::asio::io_context& io, Simulator& simulator,
    const ServerOptions& options);

}  // namespace holysheep::sim
