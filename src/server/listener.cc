#include "server/listener.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "server/listening_sockets.h"

namespace holysheep {
namespace {

constexpr int kPauseMs = 100;
constexpr int kLookMs = 100;

size_t DescriptorsForConnections() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 512;
  return static_cast<size_t>(limit.rlim_cur) / 2;
}

class ThreadedListener final : public Listener {
 public:
  ThreadedListener(ListeningSockets sockets, const ConnectionBounds& bounds,
                   HandOver::OnConnection on_connection)
      : sockets_(std::move(sockets)),
        table_(bounds),
        hand_over_(std::move(on_connection)),
        stop_(eventfd(0, EFD_CLOEXEC)),
        thread_([this] { Run(); }) {}

  ~ThreadedListener() override {
    // While floods are still watched for, which could keep it from its end.
    hand_over_.End();
    eventfd_write(stop_, 1);
    thread_.join();
    close(stop_);
  }

  int port() const override { return sockets_.port(); }

 private:
  void Run() {
    std::vector<pollfd> waits = {{stop_, POLLIN, 0}};
    for (const int fd : sockets_.fds()) waits.push_back({fd, POLLIN, 0});
    while (true) {
      poll(waits.data(), waits.size(), table_.empty() ? -1 : kLookMs);
      if (waits[0].revents != 0) return;
      table_.EndFloods(absl::Now());
      for (size_t i = 1; i < waits.size(); ++i) {
        if (waits[i].revents != 0 && !TakeFrom(waits[i].fd)) Pause();
      }
    }
  }

  // Takes one connection. False if there is nothing left to take it with.
  bool TakeFrom(int listener) {
    const int fd =
        accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      return errno != EMFILE && errno != ENFILE && errno != ENOBUFS &&
             errno != ENOMEM;
    }
    if (!table_.HasRoom(absl::Now())) {
      close(fd);
    } else {
      table_.Add(fd);
      hand_over_.Push({listener, fd});
    }
    return true;
  }

  // The connection stays in the queue, which would wake us at once.
  void Pause() {
    pollfd wait = {stop_, POLLIN, 0};
    poll(&wait, 1, kPauseMs);
  }

  const ListeningSockets sockets_;
  ConnectionTable table_;
  HandOver hand_over_;
  const int stop_;
  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Listener>> Listen(
    const std::string& address, const ConnectionBounds& bounds,
    HandOver::OnConnection on_connection) {
  auto sockets = OpenListeningSockets(address);
  if (!sockets.ok()) return sockets.status();
  ConnectionBounds possible = bounds;
  possible.connections =
      std::min(bounds.connections, DescriptorsForConnections());
  return std::make_unique<ThreadedListener>(*std::move(sockets), possible,
                                            std::move(on_connection));
}

}  // namespace holysheep
