#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "net/accept_queue.h"
#include "net/connection_table.h"
#include "net/dropped_connections.h"

namespace holysheep {

// Takes connections on a thread of its own, as many as there may be; more are
// closed at once, and those that only ever send are ended. gRPC's own listener
// takes all that come, and none for ever after the process has once run out of
// descriptors.
class Listener {
 public:
  // Blocks while someone still takes a connection.
  virtual ~Listener() = default;

  // The port listened on; 0 for a Unix socket.
  virtual int port() const = 0;

  // Takes no more connections, and ends those that are still there after
  // `grace`: one that floods could otherwise keep its owner for ever. Does not
  // block.
  virtual void EndAfter(absl::Duration grace) = 0;
};

// Listens on `address`: host:port, [v6]:port or unix:/path; port 0 is any free
// one. UNAVAILABLE, with the address and what to do, if that cannot be. Not
// more than half of the process's descriptors go to connections. `dropped`
// counts those that are ended, and must outlive the listener. Each of `takers`
// has a thread of its own; see AcceptQueue.
absl::StatusOr<std::unique_ptr<Listener>> Listen(
    const std::string& address, const ConnectionBounds& bounds,
    DroppedConnections& dropped, std::vector<OnConnection> takers);

}  // namespace holysheep
