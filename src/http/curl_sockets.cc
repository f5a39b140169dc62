#include "http/curl_sockets.h"

#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "boost/asio/io_context.hpp"
#include "boost/asio/posix/stream_descriptor.hpp"

namespace holysheep {

using boost::asio::posix::stream_descriptor;

// Both sets of flags have the same values, so no translation is needed.
static_assert(CURL_POLL_IN == CURL_CSELECT_IN &&
              CURL_POLL_OUT == CURL_CSELECT_OUT);

// Shared with the waits under way, which may outlive the connection.
struct CurlSockets::Watched {
  explicit Watched(boost::asio::io_context& context) : descriptor(context) {}

  stream_descriptor descriptor;  // Closed once the socket is not ours to watch.
  bool ours = false;             // Made by Open.
  int wanted = CURL_POLL_NONE;
  int waiting = CURL_POLL_NONE;  // Directions with a wait under way.
};

CurlSockets::CurlSockets(boost::asio::io_context& context, OnReady on_ready)
    : context_(context), on_ready_(std::move(on_ready)) {}

CurlSockets::~CurlSockets() {
  while (!sockets_.empty()) Close(sockets_.begin()->first);
}

curl_socket_t CurlSockets::Open(const curl_sockaddr& address) {
  const int made = ::socket(address.family, address.socktype | SOCK_CLOEXEC,
                            address.protocol);
  if (made < 0) return CURL_SOCKET_BAD;
  const WatchedPtr watched = Add(made);
  if (watched == nullptr) {
    ::close(made);
    return CURL_SOCKET_BAD;
  }
  watched->ours = true;
  return made;
}

void CurlSockets::Close(curl_socket_t socket) {
  const auto found = sockets_.find(socket);
  if (found == sockets_.end()) {
    ::close(socket);
    return;
  }
  const WatchedPtr watched = std::move(found->second);
  sockets_.erase(found);
  boost::system::error_code ignored;
  watched->descriptor.close(ignored);
}

CurlSockets::WatchedPtr CurlSockets::Add(curl_socket_t socket) {
  auto watched = std::make_shared<Watched>(context_);
  boost::system::error_code error;
  watched->descriptor.assign(socket, error);
  if (error) return nullptr;
  sockets_[socket] = watched;
  return watched;
}

void CurlSockets::Watch(curl_socket_t socket, int wanted) {
  const auto found = sockets_.find(socket);
  const bool known = found != sockets_.end();
  if (!known && wanted == CURL_POLL_REMOVE) return;
  const WatchedPtr watched = known ? found->second : Add(socket);
  // Out of kernel memory. The only sockets curl makes for itself wake it up
  // after a name look-up, and it looks for that from time to time anyway.
  if (watched == nullptr) return;
  if (wanted != CURL_POLL_REMOVE) {
    watched->wanted = wanted;
    Wait(watched, CURL_POLL_IN);
    Wait(watched, CURL_POLL_OUT);
    return;
  }
  watched->wanted = CURL_POLL_NONE;
  if (!watched->ours) {
    sockets_.erase(socket);
    watched->descriptor.release();
  }
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
