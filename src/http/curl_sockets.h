#pragma once

#include <curl/curl.h>

#include <memory>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"

namespace holysheep {

class AsioLoop;

// Watches the sockets of a curl multi handle on the loop for as long as curl
// wants that. Never opens or closes one. On the loop only. Translates between
// curl, which says what it waits for, and Asio, which knows when that is so.
class CurlSockets {
 public:
  // Receives a socket and the CURL_CSELECT_* flags that it is ready for.
  using OnReady = absl::AnyInvocable<void(curl_socket_t, int)>;

  // `loop` must outlive the object.
  CurlSockets(AsioLoop& loop, OnReady on_ready);
  // Stops watching; waits under way end without a call of `on_ready`.
  ~CurlSockets();

  // Watches `socket` for `wanted`, one of CURL_POLL_*; CURL_POLL_REMOVE ends
  // that. Never calls `on_ready` before it returns. Called from curl's socket
  // callback.
  void Watch(curl_socket_t socket, int wanted);

  // Whether curl wants the socket watched, which is so while a transfer uses
  // it.
  bool IsWatched(curl_socket_t socket) const {
    return sockets_.contains(socket);
  }

 private:
  // A socket and its pending waits.
  struct Watched;
  using WatchedPtr = std::shared_ptr<Watched>;

  WatchedPtr Add(curl_socket_t socket);
  void Remove(curl_socket_t socket);
  // Waits for one direction, unless that is done already or not wanted.
  void Wait(const WatchedPtr& watched, int direction);

  AsioLoop& loop_;
  OnReady on_ready_;
  absl::flat_hash_map<curl_socket_t, WatchedPtr> sockets_;
};

}  // namespace holysheep
