#pragma once

#include <curl/curl.h>

#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace holysheep {

// The sockets of a curl multi handle, watched on the loop. A connection stays
// registered with the kernel from its opening to its closing, so that using it
// again costs nothing. Loop thread only.
class CurlSockets {
 public:
  // Gets the CURL_CSELECT_* that a socket is ready for.
  using OnReady = absl::AnyInvocable<void(curl_socket_t, int)>;

  // `context` must outlive the object.
  CurlSockets(boost::asio::io_context& context, OnReady on_ready);
  ~CurlSockets();

  // CURL_SOCKET_BAD if there can be no such socket.
  curl_socket_t Open(const curl_sockaddr& address);
  void Close(curl_socket_t socket);

  // Watches for what curl wants, one of CURL_POLL_*. The socket may also be
  // one that curl has opened for itself. Never calls `on_ready` at once.
  void Watch(curl_socket_t socket, int wanted);

 private:
  struct Watched;
  using WatchedPtr = std::shared_ptr<Watched>;

  WatchedPtr Add(curl_socket_t socket);
  void Wait(const WatchedPtr& watched, int direction);

  boost::asio::io_context& context_;
  OnReady on_ready_;
  absl::flat_hash_map<curl_socket_t, WatchedPtr> sockets_;
};

}  // namespace holysheep
