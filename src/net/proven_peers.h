#pragma once

#include <mutex>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "net/connection_shares.h"
#include "net/peer.h"

namespace holysheep {

// Carries the word that a connection has authenticated from the threads that
// answer its calls, which know its peer only, to the listener's. Thread-safe.
// As large as the number of connections.
class ProvenPeers {
 public:
  using Id = ConnectionShares::Id;

  // The peer has a connection, which is now the only one that it has: others
  // have been closed.
  void Enter(const Peer& peer, Id id);
  // That connection has gone. Does nothing if the peer has a later one.
  void Leave(const Peer& peer, Id id);

  // A call of the peer has authenticated.
  void Prove(const Peer& peer);

  // Returns the connections that have authenticated since the last time.
  std::vector<Id> Take();

 private:
  struct Entry {
    Id id;
    bool proven = false;
  };

  std::mutex mutex_;
  absl::flat_hash_map<Peer, Entry> entries_ ABSL_GUARDED_BY(mutex_);
  std::vector<Id> fresh_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace holysheep
