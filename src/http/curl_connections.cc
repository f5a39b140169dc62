#include "http/curl_connections.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>

namespace holysheep {
namespace {

// How long what was sent may stay unacknowledged by the other side's kernel,
// which takes milliseconds where there is a way, however busy the other side.
constexpr absl::Duration kUnacknowledged = absl::Seconds(10);
// When and how often the other side is asked whether it is still there.
constexpr int kProbeAfterSeconds = 15;
constexpr int kProbeEverySeconds = 5;
constexpr int kProbes = 3;

void SetInt(curl_socket_t socket, int level, int option, int value) {
  ::setsockopt(socket, level, option, &value, sizeof value);
}

// 0 if the socket has none, or there is no such socket.
uint64_t CookieOf(curl_socket_t socket) {
  uint64_t cookie = 0;
  socklen_t size = sizeof cookie;
  const int failed =
      ::getsockopt(socket, SOL_SOCKET, SO_COOKIE, &cookie, &size);
  return failed == 0 ? cookie : 0;
}

}  // namespace

curl_socket_t CurlConnections::Open(const curl_sockaddr& address,
                                    absl::Duration connect_timeout) {
  const curl_socket_t socket = ::socket(
      address.family, address.socktype | SOCK_CLOEXEC, address.protocol);
  if (socket < 0) return CURL_SOCKET_BAD;
  // The kernel counts the connecting, too.
  const absl::Duration silence =
      std::max(kUnacknowledged, connect_timeout + absl::Seconds(1));
  SetInt(socket, IPPROTO_TCP, TCP_USER_TIMEOUT,
         static_cast<int>(absl::ToInt64Milliseconds(silence)));
  SetInt(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  SetInt(socket, IPPROTO_TCP, TCP_KEEPIDLE, kProbeAfterSeconds);
  SetInt(socket, IPPROTO_TCP, TCP_KEEPINTVL, kProbeEverySeconds);
  SetInt(socket, IPPROTO_TCP, TCP_KEEPCNT, kProbes);
  connections_[socket] = {CookieOf(socket), loop_.Now()};
  return socket;
}

void CurlConnections::Hear(curl_socket_t socket) {
  const auto found = connections_.find(socket);
  if (found != connections_.end()) found->second.heard = loop_.Now();
}

void CurlConnections::EndUnheard(
    absl::Time since, absl::FunctionRef<bool(curl_socket_t)> in_use) {
  absl::erase_if(connections_, [&](const auto& entry) {
    const auto& [socket, connection] = entry;
    const uint64_t cookie = CookieOf(socket);
    if (cookie == 0 || cookie != connection.cookie) return true;
    if (in_use(socket) || connection.heard >= since) return false;
    ::shutdown(socket, SHUT_RDWR);
    return true;
  });
}

}  // namespace holysheep
