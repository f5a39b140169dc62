#pragma once

#include <curl/curl.h>

#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace holysheep {

// Watches the sockets of a curl multi handle on the loop, while curl wants
// that; never opens or closes any. Loop thread only.
class CurlSockets {
 public:
  // Gets a socket and the CURL_CSELECT_* that it is ready for.
  using OnReady = absl::AnyInvocable<void(curl_socket_t, int)>;

  // `context` must outlive the object.
  CurlSockets(boost::asio::io_context& context, OnReady on_ready);
  ~CurlSockets();

  // Watches for what curl wants, one of CURL_POLL_*. Never calls `on_ready` at
  // once.
  void Watch(curl_socket_t socket, int wanted);

  // Whether curl wants the socket watched, which is while a transfer uses it.
  bool IsWatched(curl_socket_t socket) const {
    return sockets_.contains(socket);
  }

 private:
  struct Watched;
  using WatchedPtr = std::shared_ptr<Watched>;

  WatchedPtr Add(curl_socket_t socket);
  void Remove(curl_socket_t socket);
  void Wait(const WatchedPtr& watched, int direction);

  boost::asio::io_context& context_;
  OnReady on_ready_;
  absl::flat_hash_map<curl_socket_t, WatchedPtr> sockets_;
};

}  // namespace holysheep
