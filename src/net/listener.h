#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "net/accept_queue.h"
#include "net/connection_table.h"
#include "net/dropped_connections.h"
#include "net/proven_peers.h"

namespace holysheep {

// Accepts connections on a thread of its own, up to a bound; closes further
// ones at once, and ends those that only ever send. It replaces gRPC's own
// listener, which accepts without a bound, and stops for ever after the process
// has once run out of descriptors. All methods but the destructor are
// thread-safe.
class Listener {
 public:
  // Blocks until no taker is busy with a connection.
  virtual ~Listener() = default;

  // The port that is listened on; 0 for a Unix socket.
  virtual int port() const = 0;

  // Stops accepting, and ends the connections that are still open after
  // `grace`: one that floods could otherwise occupy its owner for ever. Does
  // not block. The owner of the connections must close those that have ended by
  // themselves.
  virtual void EndAfter(absl::Duration grace) = 0;
};

// Where to listen: host:port, [v6]:port or unix:/path, where port 0 is any free
// one; and the permissions of a Unix socket's file.
struct ListenOn {
  std::string address;
  mode_t unix_mode = 0600;
};

// Listens on `where`. Returns UNAVAILABLE, with the address and advice, if that
// is impossible. At most half of the process's descriptors are used for
// connections. `dropped` counts those that are ended, `peers` says who has
// authenticated; both must outlive the listener. Each of `takers` has a thread
// of its own; see AcceptQueue. Blocks while it resolves a name. The gRPC server
// calls it once, when it is ready for connections (rpc/grpc_server.cc).
absl::StatusOr<std::unique_ptr<Listener>> Listen(
    const ListenOn& where, const ConnectionBounds& bounds,
    DroppedConnections& dropped, ProvenPeers& peers,
    std::vector<OnConnection> takers);

}  // namespace holysheep
