#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "net/unanswered_bytes.h"

namespace holysheep {

struct ConnectionBounds {
  // Connections at once.
  size_t connections = 4096;
  // Bytes that a client may send without hearing anything for 0.3 s; four
  // times as many in less time, sixteen times as many all clients together.
  uint64_t unanswered = 4 << 20;
};

// Watches connections whose sockets belong to someone who does not say when
// they are closed, as gRPC does. One thread.
class ConnectionTable {
 public:
  using ReadTraffic = std::function<std::optional<Traffic>(int fd)>;

  explicit ConnectionTable(const ConnectionBounds& bounds,
                           ReadTraffic read_traffic = TrafficOf)
      : bounds_(bounds), read_traffic_(std::move(read_traffic)) {}

  bool empty() const { return connections_.empty(); }

  // Whether there is room for another connection. Looks for closed ones when
  // there is none, but as that takes time, 10 times a second at most.
  bool HasRoom(absl::Time now);

  // Counts `fd`, a socket, until it is closed.
  void Add(int fd);

  // Ends connections that carry more than they may without an answer; if only
  // all together do, those that carry most. 10 times a second at most. Returns
  // how many were ended; each counts until its owner closes it.
  size_t EndFloods(absl::Time now);

  void EndAll();

 private:
  // The number of the file tells whether a descriptor is still that socket.
  struct Connection {
    int fd;
    ino_t file;
    UnansweredBytes unanswered = {};
    bool ended = false;
  };

  void DropClosed();
  bool Floods(const Connection& connection) const;
  // False if it cannot be ended now.
  bool End(Connection& connection);

  const ConnectionBounds bounds_;
  const ReadTraffic read_traffic_;
  std::vector<Connection> connections_;
  absl::Time looked_ = absl::InfinitePast();
  absl::Time looked_for_floods_ = absl::InfinitePast();
};

}  // namespace holysheep
