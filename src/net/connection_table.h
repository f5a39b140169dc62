#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "absl/time/time.h"
#include "net/connection_shares.h"
#include "net/peer.h"
#include "net/proven_peers.h"
#include "net/unanswered_bytes.h"

namespace holysheep {

// Bounds that protect the process from its clients. The defaults are those of
// the service; tests set smaller ones.
struct ConnectionBounds {
  // The number of connections open at once. Connections that were ended count
  // until their owner has closed them, but for up to 64 that made room.
  size_t connections = 4096;
  // Bytes that a client may send without an answer for 0.3 s. Four times as
  // many are allowed in a shorter time, and sixteen times as many for all
  // clients together.
  uint64_t unanswered = 4 << 20;
};

// Watches connections whose sockets belong to an owner that does not say when
// it closes them, as gRPC does. One thread. Takes time linear in the number of
// connections at each look.
class ConnectionTable {
 public:
  // Reads the counters of a socket; replaced in tests.
  using ReadTraffic = std::function<std::optional<Traffic>(int fd)>;

  // `peers` must outlive the table.
  ConnectionTable(const ConnectionBounds& bounds, ProvenPeers& peers,
                  ReadTraffic read_traffic = TrafficOf)
      : bounds_(bounds),
        read_traffic_(std::move(read_traffic)),
        peers_(peers),
        shares_(bounds.connections) {}

  // Whether nothing is watched, so that no look is needed.
  bool empty() const { return connections_.empty(); }

  enum class Room {
    kNone,
    kFree,
    kTaken,  // Another connection was ended for it.
  };

  // Makes room for another connection, if `newcomer` may have one (see
  // connection_shares.h). If the table is full, looks for connections that have
  // been closed, but at most 10 times a second, as that takes time.
  Room MakeRoom(absl::Time now, const Peer& newcomer);

  // Counts the socket `fd` until it is closed. Call it before the owner gets
  // the socket: afterwards the number might stand for another file.
  void Add(absl::Time now, int fd, const Peer& peer);

  // Ends connections that carry more than the bounds allow without an answer;
  // if only all together exceed them, the ones that carry most. Looks at most
  // 10 times a second. Returns the number of connections ended; each still
  // counts until its owner closes it.
  size_t EndFloods(absl::Time now);

  // Ends all connections. Resets them, at the end of the grace period of a
  // shutdown. May be called repeatedly.
  void EndAll();

 private:
  // `file` is the inode of the socket, which shows whether the descriptor still
  // is that socket or has been reused.
  struct Connection {
    int fd;
    ino_t file;
    Peer peer;
    ConnectionShares::Id id;
    UnansweredBytes unanswered = {};
    bool ended = false;
  };

  // Forgets connections whose owner has closed them.
  void DropClosed();
  // Whether the connection alone exceeds its bound.
  bool Floods(const Connection& connection) const;
  // Returns false if the connection cannot be ended now.
  bool End(Connection& connection);

  const ConnectionBounds bounds_;
  const ReadTraffic read_traffic_;
  ProvenPeers& peers_;
  ConnectionShares shares_;
  std::vector<Connection> connections_;
  // The last looks for closed connections and for floods.
  absl::Time looked_ = absl::InfinitePast();
  absl::Time looked_for_floods_ = absl::InfinitePast();
};

}  // namespace holysheep
