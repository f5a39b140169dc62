#include "http/curl_sockets.h"

#include <utility>

#include "boost/asio/posix/stream_descriptor.hpp"
#include "http/loop_executor.h"

namespace holysheep {

using boost::asio::posix::stream_descriptor;

// Both sets of flags have the same values, so no translation is needed.
static_assert(static_cast<int>(CURL_POLL_IN) == CURL_CSELECT_IN &&
              static_cast<int>(CURL_POLL_OUT) == CURL_CSELECT_OUT);

// Shared with the pending waits, which may outlive the watching: they check
// `descriptor` before they touch anything else. At most one wait is pending per
// direction.
struct CurlSockets::Watched {
  explicit Watched(const LoopExecutor& executor) : descriptor(executor) {}

  stream_descriptor descriptor;  // Empty once no longer watched.
  int wanted = CURL_POLL_NONE;
  int waiting = CURL_POLL_NONE;  // Directions with a wait under way.
};

CurlSockets::CurlSockets(AsioLoop& loop, OnReady on_ready)
    : loop_(loop), on_ready_(std::move(on_ready)) {}

CurlSockets::~CurlSockets() {
  while (!sockets_.empty()) Remove(sockets_.begin()->first);
}

void CurlSockets::Watch(curl_socket_t socket, int wanted) {
  if (wanted == CURL_POLL_REMOVE) return Remove(socket);
  const auto found = sockets_.find(socket);
  const WatchedPtr watched =
      found != sockets_.end() ? found->second : Add(socket);
  // The kernel is out of memory. The transfer is left to its caller's deadline,
  // since an error here would end all transfers.
  if (watched == nullptr) return;
  watched->wanted = wanted;
  Wait(watched, CURL_POLL_IN);
  Wait(watched, CURL_POLL_OUT);
}

CurlSockets::WatchedPtr CurlSockets::Add(curl_socket_t socket) {
  auto watched = std::make_shared<Watched>(loop_.executor());
  boost::system::error_code error;
  watched->descriptor.assign(socket, error);
  if (error) return nullptr;
  sockets_.emplace(socket, watched);
  return watched;
}

// Between two transfers a connection is not watched. Leaving it registered
// would save two system calls, but the registration must be undone before
// another socket can get its number, and curl does not report every close in
// time: a socket that is still connecting is closed first and removed
// afterwards.
void CurlSockets::Remove(curl_socket_t socket) {
  const auto found = sockets_.find(socket);
  if (found == sockets_.end()) return;
  const WatchedPtr watched = std::move(found->second);
  sockets_.erase(found);
  watched->descriptor.release();
}

void CurlSockets::Wait(const WatchedPtr& watched, int direction) {
  if ((watched->wanted & direction) == 0) return;
  if ((watched->waiting & direction) != 0) return;
  watched->waiting |= direction;
  watched->descriptor.async_wait(
      direction == CURL_POLL_IN ? stream_descriptor::wait_read
                                : stream_descriptor::wait_write,
      [this, watched, direction](const boost::system::error_code&) {
        watched->waiting &= ~direction;
        if (!watched->descriptor.is_open()) return;  // `this` may be gone.
        if ((watched->wanted & direction) == 0) return;
        on_ready_(watched->descriptor.native_handle(), direction);
        if (watched->descriptor.is_open()) Wait(watched, direction);
      });
}

}  // namespace holysheep
