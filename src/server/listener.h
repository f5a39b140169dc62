#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/connection_table.h"
#include "server/hand_over.h"

namespace holysheep {

// Takes connections on a thread of its own, as many as there may be; more are
// closed at once, and those that only ever send are ended. gRPC's own listener
// takes all that come, and none for ever after the process has once run out of
// descriptors.
class Listener {
 public:
  // Stops listening.
  virtual ~Listener() = default;

  // The port listened on; 0 for a Unix socket.
  virtual int port() const = 0;
};

// Listens on `address`: host:port, [v6]:port or unix:/path; port 0 is any free
// one. UNAVAILABLE, with the address and what to do, if that cannot be. Not
// more than half of the process's descriptors go to connections.
absl::StatusOr<std::unique_ptr<Listener>> Listen(
    const std::string& address, const ConnectionBounds& bounds,
    HandOver::OnConnection on_connection);

}  // namespace holysheep
