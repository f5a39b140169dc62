#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "boost/asio/io_context.hpp"
#include "sim/simulator.h"

namespace holysheep::sim {

// Where the simulator listens.
struct ServerOptions {
  // An IP address and a port, such as `127.0.0.1:9000`; port 0 is any free one.
  std::string listen = "127.0.0.1:9000";
  // Further connections are closed at once.
  int max_connections = 20'000;
};

// Serves a simulator over HTTP/1.1 while `io` runs, on one thread.
class Server {
 public:
  virtual ~Server() = default;

  // The address with the actual port.
  virtual std::string address() const = 0;
};

// `io` and `simulator` must outlive the server, and `simulator` the handlers
// that `io` still holds. Returns INVALID_ARGUMENT for an unusable address.
absl::StatusOr<std::unique_ptr<Server>> StartServer(
    boost::asio::io_context& io, Simulator& simulator,
    const ServerOptions& options);

}  // namespace holysheep::sim
