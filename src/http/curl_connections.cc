#include "http/curl_connections.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "http/socket_options.h"

namespace holysheep {
namespace {

// Returns 0 if the kernel has no cookies, or there is no such socket.
uint64_t CookieOf(curl_socket_t socket) {
  uint64_t cookie = 0;
  socklen_t size = sizeof cookie;
  const int failed =
      ::getsockopt(socket, SOL_SOCKET, SO_COOKIE, &cookie, &size);
  return failed == 0 ? cookie : 0;
}

// A TLS close notification is far shorter; if more is unread, curl has to deal
// with it.
constexpr int kMostReads = 16;

// Whether the peer has closed the connection. Discards what is unread.
bool ReadToItsEnd(curl_socket_t socket) {
  std::array<char, 4096> unread;
  for (int i = 0; i < kMostReads; ++i) {
    const ssize_t size =
        ::recv(socket, unread.data(), unread.size(), MSG_DONTWAIT);
    if (size <= 0) return size == 0;
  }
  return false;
}

}  // namespace

curl_socket_t CurlConnections::Open(const curl_sockaddr& address,
                                    absl::Duration connect_timeout) {
  const curl_socket_t socket = ::socket(
      address.family, address.socktype | SOCK_CLOEXEC, address.protocol);
  if (socket < 0) return CURL_SOCKET_BAD;
  BoundSilence(socket, connect_timeout);
  connections_[socket] = {CookieOf(socket), loop_.Now()};
  return socket;
}

bool CurlConnections::CloseFor(CURL* easy) {
  return curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, &OnClose) ==
             CURLE_OK &&
         curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, this) == CURLE_OK;
}

int CurlConnections::OnClose(void* self, curl_socket_t socket) {
  static_cast<CurlConnections*>(self)->connections_.erase(socket);
  return ::close(socket);
}

void CurlConnections::Hear(curl_socket_t socket) {
  const auto found = connections_.find(socket);
  if (found != connections_.end()) found->second.heard = loop_.Now();
}

void CurlConnections::EndUnheard(
    absl::Time since, absl::FunctionRef<bool(curl_socket_t)> in_use) {
  // Entries whose socket curl has closed are dropped on the way.
  absl::erase_if(connections_, [&](const auto& entry) {
    const auto& [socket, connection] = entry;
    const uint64_t cookie = CookieOf(socket);
    if (cookie == 0 || cookie != connection.cookie) return true;
    if (in_use(socket) || connection.heard >= since) return false;
    ::shutdown(socket, SHUT_RDWR);
    return true;
  });
}

void CurlConnections::EndLeft(absl::FunctionRef<bool(curl_socket_t)> in_use) {
  std::vector<pollfd> idle;
  for (const auto& [socket, connection] : connections_) {
    if (!in_use(socket)) idle.push_back({socket, POLLRDHUP, 0});
  }
  if (idle.empty() || ::poll(idle.data(), idle.size(), 0) <= 0) return;
  for (const pollfd& left : idle) {
    if ((left.revents & POLLRDHUP) == 0) continue;
    const auto found = connections_.find(left.fd);
    if (CookieOf(left.fd) != found->second.cookie) continue;
    if (ReadToItsEnd(left.fd)) ::shutdown(left.fd, SHUT_RDWR);
  }
}

}  // namespace holysheep
