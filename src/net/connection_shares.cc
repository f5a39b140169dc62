#include "net/connection_shares.h"

#include <algorithm>

namespace holysheep {
// Invariants: each id in `connections_` is in one set of its network's share,
// and in no other; a share has a connection.
namespace {

constexpr size_t kReserved = 16;
// For TLS, HTTP/2 and the first call.
constexpr absl::Duration kGrace = absl::Seconds(2);

}  // namespace

ConnectionShares::ConnectionShares(size_t connections)
    : most_(connections), reserved_(std::min(kReserved, connections / 4)) {}

template <typename Count>
const ConnectionShares::Share* ConnectionShares::Largest(bool local,
                                                         Count count) const {
  const Share* largest = nullptr;
  for (const auto& [network, share] : shares_) {
    if (share.local && !local) continue;
    if (count(share) > (largest == nullptr ? 0 : count(*largest))) {
      largest = &share;
    }
  }
  return largest;
}

bool ConnectionShares::IsFullFor(const Peer& newcomer) const {
  const size_t room = newcomer.local ? most_ : most_ - reserved_;
  return connections_.size() >= room;
}

ConnectionShares::Verdict ConnectionShares::Decide(absl::Time now,
                                                   const Peer& newcomer) {
  if (!IsFullFor(newcomer)) return {.admitted = true};
  const auto found = shares_.find(NetworkOf(newcomer));
  const size_t theirs = found == shares_.end() ? 0 : found->second.size();
  Verdict verdict;
  const Share* strangers = Largest(
      newcomer.local, [](const Share& share) { return share.unproven.size(); });
  if (strangers != nullptr) {
    const Id oldest = *strangers->unproven.begin();
    if (strangers->size() > theirs ||
        now - connections_.at(oldest).since >= kGrace) {
      verdict.leaves = oldest;
    }
  } else {
    const Share* largest = Largest(
        newcomer.local, [](const Share& share) { return share.size(); });
    if (largest != nullptr && largest->size() > theirs + 1) {
      verdict.leaves = *largest->proven.rbegin();
    }
  }
  if (!verdict.leaves.has_value()) return verdict;
  verdict.admitted = true;
  Remove(*verdict.leaves);
  return verdict;
}

ConnectionShares::Id ConnectionShares::Add(absl::Time now, const Peer& peer) {
  const Network network = NetworkOf(peer);
  Share& share = shares_[network];
  share.local = peer.local;
  share.unproven.insert(++last_);
  connections_.emplace(last_, Connection{network, now});
  return last_;
}

void ConnectionShares::Prove(Id id) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  Share& share = shares_.at(found->second.network);
  share.unproven.erase(id);
  share.proven.insert(id);
}

void ConnectionShares::Remove(Id id) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  const auto share = shares_.find(found->second.network);
  share->second.unproven.erase(id);
  share->second.proven.erase(id);
  if (share->second.size() == 0) shares_.erase(share);
  connections_.erase(found);
}

}  // namespace holysheep
