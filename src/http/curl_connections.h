#pragma once

#include <curl/curl.h>

#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "base/event_loop.h"

namespace holysheep {

// The connections that curl has opened, and when a byte last arrived on each.
// On the loop only. It exists because curl trusts an idle connection that the
// path has lost without notice: a firewall that drops its state answers
// nothing.
class CurlConnections {
 public:
  // `loop` must outlive the object.
  explicit CurlConnections(EventLoop& loop) : loop_(loop) {}

  // Returns a socket for curl, to be connected within `connect_timeout`. The
  // kernel gives the connection up when the peer acknowledges nothing for some
  // seconds. CURL_SOCKET_BAD if none can be had. curl closes it through
  // OnClose.
  curl_socket_t Open(const curl_sockaddr& address,
                     absl::Duration connect_timeout);

  // From now on this object closes the sockets that `easy` opens, also after
  // the multi handle has adopted them; it must outlive both. Returns false if
  // this libcurl cannot do so.
  bool CloseFor(CURL* easy);

  // Notes that bytes have arrived on `socket`.
  void Hear(curl_socket_t socket);

  // Shuts down the connections on which nothing has arrived since `since`,
  // except those `in_use`. curl finds them closed when it next wants to use
  // them.
  void EndUnheard(absl::Time since,
                  absl::FunctionRef<bool(curl_socket_t)> in_use);

  // Shuts down the connections that the peer has closed, except those `in_use`.
  // Over TLS curl would consider them alive as long as the close notification
  // is unread, and would send a request in vain.
  void EndLeft(absl::FunctionRef<bool(curl_socket_t)> in_use);

 private:
  // curl's callback; returns 0 if the socket was closed.
  static int OnClose(void* self, curl_socket_t socket);

  // A connection from Open until it is closed or ended.
  struct Connection {
    // The kernel's number for the socket, by which a socket that curl has
    // closed is distinguished from a later one with the same descriptor.
    uint64_t cookie;
    // When bytes last arrived.
    absl::Time heard;
  };

  EventLoop& loop_;
  // By descriptor.
  absl::flat_hash_map<curl_socket_t, Connection> connections_;
};

}  // namespace holysheep
