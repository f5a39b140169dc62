#include "net/proven_peers.h"

#include <utility>

namespace holysheep {

void ProvenPeers::Enter(const Peer& peer, Id id) {
  const std::lock_guard lock(mutex_);
  entries_[peer] = {id};
}

void ProvenPeers::Leave(const Peer& peer, Id id) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(peer);
  if (found != entries_.end() && found->second.id == id) entries_.erase(found);
}

void ProvenPeers::Prove(const Peer& peer) {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(peer);
  if (found == entries_.end() || found->second.proven) return;
  found->second.proven = true;
  fresh_.push_back(found->second.id);
}

std::vector<ProvenPeers::Id> ProvenPeers::Take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(fresh_, {});
}

}  // namespace holysheep
