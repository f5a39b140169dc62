#include "net/listener.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>
#include <vector>

#include "net/listening_sockets.h"

namespace holysheep {
// The listener's thread owns `table_`, `sockets_` after the start, and `end_`;
// other threads reach it through atomics and `wake_`. The destructor ends the
// takers first, while this thread still looks for floods: a taker may be busy
// with a flood and would not end otherwise. A descriptor is in `table_` before
// a taker gets it, so that its number cannot be reused unnoticed.

namespace {

// How long to wait after running out of descriptors, and between two looks at
// the open connections.
constexpr int kPauseMs = 100;
constexpr int kLookMs = 100;

// The rest is for the upstream, files and the log.
size_t DescriptorsForConnections() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 512;
  return static_cast<size_t>(limit.rlim_cur) / 2;
}

// Monotonic, so that a change of the machine's clock does not matter.
absl::Time Now() {
  return absl::UnixEpoch() +
         absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
}

class ThreadedListener final : public Listener {
 public:
  ThreadedListener(ListeningSockets sockets, const ConnectionBounds& bounds,
                   DroppedConnections& dropped, ProvenPeers& peers,
                   std::vector<OnConnection> takers)
      : sockets_(std::move(sockets)),
        port_(sockets_.port()),
        table_(bounds, peers),
        dropped_(dropped),
        accept_queue_(std::move(takers)),
        wake_(eventfd(0, EFD_CLOEXEC)),
        thread_([this] { Run(); }) {}

  ~ThreadedListener() override {
    // Floods are still watched for, since one could keep a taker busy.
    accept_queue_.End();
    over_ = true;
    eventfd_write(wake_, 1);
    thread_.join();
    close(wake_);
  }

  int port() const override { return port_; }

  void EndAfter(absl::Duration grace) override {
    accept_queue_.Close();
    grace_ms_ = absl::ToInt64Milliseconds(grace);
    eventfd_write(wake_, 1);
  }

 private:
  void Run() {
    std::vector<pollfd> waits = {{wake_, POLLIN, 0}};
    for (const int fd : sockets_.fds()) waits.push_back({fd, POLLIN, 0});
    while (true) {
      poll(waits.data(), waits.size(), table_.empty() ? -1 : kLookMs);
      // Read before `over_` is tested: one read consumes all that was written,
      // the notice of the end included.
      const bool is_told = waits[0].revents != 0;
      eventfd_t count = 0;
      if (is_told) eventfd_read(wake_, &count);
      if (over_) return;
      if (is_told) {
        sockets_.Close();
        waits.resize(1);
        end_ = Now() + absl::Milliseconds(grace_ms_.load());
      }
      Look();
      for (size_t i = 1; i < waits.size(); ++i) {
        if (waits[i].revents != 0 && !TakeFrom(waits[i].fd)) Pause();
      }
    }
  }

  void Look() {
    const absl::Time now = Now();
    dropped_.flood += static_cast<int64_t>(table_.EndFloods(now));
    if (now >= end_) table_.EndAll();
  }

  // Accepts one connection. Returns false if descriptors or memory have run
  // out.
  bool TakeFrom(int listener) {
    const int fd =
        accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      return errno != EMFILE && errno != ENFILE && errno != ENOBUFS &&
             errno != ENOMEM;
    }
    const ConnectionTable::Room room = table_.MakeRoom(Now(), PeerOf(fd));
    if (room == ConnectionTable::Room::kNone) {
      ++dropped_.no_room;
      close(fd);
      return true;
    }
    if (room == ConnectionTable::Room::kTaken) ++dropped_.crowded_out;
    table_.Add(Now(), fd, PeerOf(fd));
    accept_queue_.Push({listener, fd});
    return true;
  }

  // The connection stays in the kernel's queue, which would wake the poll at
  // once.
  void Pause() {
    pollfd wait = {wake_, POLLIN, 0};
    poll(&wait, 1, kPauseMs);
  }

  ListeningSockets sockets_;
  const int port_;
  ConnectionTable table_;
  DroppedConnections& dropped_;
  AcceptQueue accept_queue_;
  const int wake_;
  std::atomic<bool> over_ = false;
  std::atomic<int64_t> grace_ms_ = 0;
  absl::Time end_ = absl::InfiniteFuture();
  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listen(
    const ListenOn& where, const ConnectionBounds& bounds,
    DroppedConnections& dropped, ProvenPeers& peers,
    std::vector<OnConnection> takers) {
  auto sockets = OpenListeningSockets(where.address, where.unix_mode);
  if (!sockets.ok()) return sockets.status();
  ConnectionBounds possible = bounds;
  possible.connections =
      std::min(bounds.connections, DescriptorsForConnections());
  return std::make_unique<ThreadedListener>(*std::move(sockets), possible,
                                            dropped, peers, std::move(takers));
}

}  // namespace holysheep
