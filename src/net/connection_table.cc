#include "net/connection_table.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace holysheep {
// Invariants: the table never owns a descriptor. An entry is valid only while
// FileOf(fd) equals its `file`, and every use of `fd` checks that or goes
// through a duplicate that was checked. An entry that has been ended stays
// until its owner closes the socket, so that it counts against the bound but is
// not ended twice.

namespace {

// A look costs several system calls for each connection.
constexpr absl::Duration kPause = absl::Milliseconds(100);
// While as many have made room as may before they are closed.
constexpr absl::Duration kShortPause = absl::Milliseconds(10);
// Multiples of the bound that are allowed in a shorter time, and for all
// clients together. A burst is legitimate: many uploads may begin on one
// connection before the first is answered.
constexpr uint64_t kAtOnce = 4;
constexpr uint64_t kOfAll = 16;

// Connections that made room and are still open, at most.
constexpr size_t kLeaving = 64;

// The inode of an open file; 0 if `fd` is not open.
ino_t FileOf(int fd) {
  struct stat status;
  return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

// Resets the connection. After a mere shutdown the peer might still wait to
// send.
void Reset(int fd) {
  const sockaddr none = {.sa_family = AF_UNSPEC, .sa_data = {}};
  if (connect(fd, &none, sizeof(none)) != 0) shutdown(fd, SHUT_RDWR);
}

}  // namespace

ConnectionTable::Room ConnectionTable::MakeRoom(absl::Time now,
                                                const Peer& newcomer) {
  const size_t most = bounds_.connections + kLeaving;
  const absl::Duration pause =
      connections_.size() < most ? kPause : kShortPause;
  if (shares_.IsFullFor(newcomer) && now - looked_ >= pause) {
    looked_ = now;
    DropClosed();
  }
  for (const ConnectionShares::Id id : peers_.Take()) shares_.Prove(id);
  if (connections_.size() >= most) return Room::kNone;
  const ConnectionShares::Verdict verdict = shares_.Decide(now, newcomer);
  if (!verdict.admitted) return Room::kNone;
  if (!verdict.leaves.has_value()) return Room::kFree;
  const auto leaves = std::find_if(connections_.begin(), connections_.end(),
                                   [&verdict](const Connection& connection) {
                                     return connection.id == *verdict.leaves;
                                   });
  if (leaves != connections_.end()) End(*leaves);
  return Room::kTaken;
}

void ConnectionTable::Add(absl::Time now, int fd, const Peer& peer) {
  const ConnectionShares::Id id = shares_.Add(now, peer);
  peers_.Enter(peer, id);
  connections_.push_back({fd, FileOf(fd), peer, id});
}

void ConnectionTable::DropClosed() {
  std::erase_if(connections_, [this](const Connection& connection) {
    if (FileOf(connection.fd) == connection.file) return false;
    shares_.Remove(connection.id);
    peers_.Leave(connection.peer, connection.id);
    return true;
  });
}

size_t ConnectionTable::EndFloods(absl::Time now) {
  if (now - looked_for_floods_ < kPause) return 0;
  looked_for_floods_ = now;
  DropClosed();
  uint64_t all = 0;
  for (Connection& connection : connections_) {
    if (connection.ended) continue;
    const std::optional<Traffic> traffic = read_traffic_(connection.fd);
    if (!traffic.has_value()) continue;
    connection.unanswered.Update(*traffic, now);
    all += connection.unanswered.bytes();
  }
  // The worst connections come first, so that they pay for a sum that is too
  // large.
  std::sort(connections_.begin(), connections_.end(),
            [](const Connection& a, const Connection& b) {
              return a.unanswered.bytes() > b.unanswered.bytes();
            });
  size_t ended = 0;
  for (Connection& connection : connections_) {
    const bool too_much = all > kOfAll * bounds_.unanswered;
    if (!too_much && !Floods(connection)) continue;
    if (connection.ended || !End(connection)) continue;
    all -= connection.unanswered.bytes();
    ++ended;
  }
  return ended;
}

void ConnectionTable::EndAll() {
  for (Connection& connection : connections_) End(connection);
}

bool ConnectionTable::Floods(const Connection& connection) const {
  const UnansweredBytes& unanswered = connection.unanswered;
  const uint64_t most =
      unanswered.lasts() ? bounds_.unanswered : kAtOnce * bounds_.unanswered;
  return unanswered.bytes() > most;
}

// The owner may close the descriptor at any time, and its number may then
// belong to another file. A duplicate stays the same file, so it is checked and
// used.
bool ConnectionTable::End(Connection& connection) {
  const int copy = fcntl(connection.fd, F_DUPFD_CLOEXEC, 0);
  if (copy < 0) return false;
  connection.ended = FileOf(copy) == connection.file;
  if (connection.ended) Reset(copy);
  close(copy);
  return connection.ended;
}

}  // namespace holysheep
