#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "absl/container/node_hash_map.h"
#include "absl/time/time.h"
#include "net/peer.h"

namespace holysheep {

// Who may have a connection when there are as many as there may be. Told the
// time; not thread-safe. Without shares, one client could keep all others out
// by connecting often enough.
class ConnectionShares {
 public:
  // Never reused; later ones are larger.
  using Id = uint64_t;

  // At most `connections` at once, of which the last 16, or a quarter of a
  // small number, are for clients on this machine: health checks and operators.
  explicit ConnectionShares(size_t connections);

  struct Verdict {
    bool admitted = false;
    // The connection that has to make room, which counts no longer.
    std::optional<Id> leaves = std::nullopt;
  };

  // Whether somebody has to make room for the newcomer.
  bool IsFullFor(const Peer& newcomer) const;

  // Decides on a newcomer. When it is full, room is made by the network with
  // the most connections that have never authenticated, which loses its oldest
  // one: if it has more connections than the newcomer's network, or that one
  // has had two seconds to authenticate. If all have authenticated, by the
  // network with the most connections, if they are at least two more than the
  // newcomer's has; it loses its newest one. Only clients on this machine can
  // take the place of such. Linear in the networks.
  Verdict Decide(absl::Time now, const Peer& newcomer);

  // Counts a connection that was admitted.
  Id Add(absl::Time now, const Peer& peer);

  // It has authenticated. Does nothing for one that has gone.
  void Prove(Id id);
  // It has gone. Does nothing for one that had to leave.
  void Remove(Id id);

  size_t size() const { return connections_.size(); }

 private:
  using Network = std::array<uint8_t, 16>;
  // In the order of their age.
  struct Share {
    std::set<Id> unproven;
    std::set<Id> proven;
    bool local = false;
    size_t size() const { return unproven.size() + proven.size(); }
  };
  struct Connection {
    Network network;
    absl::Time since;
  };

  // The share for which `count` is the greatest, null if that is 0; others than
  // those of this machine unless `local`.
  template <typename Count>
  const Share* Largest(bool local, Count count) const;

  const size_t most_;
  const size_t reserved_;
  Id last_ = 0;
  absl::node_hash_map<Network, Share> shares_;
  absl::flat_hash_map<Id, Connection> connections_;
};

}  // namespace holysheep
