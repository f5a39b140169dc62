#pragma once

#include <curl/curl.h>

#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/time/time.h"
#include "base/event_loop.h"

namespace holysheep {

// The connections that curl has opened, and when something last came over
// each. Loop thread only.
class CurlConnections {
 public:
  // `loop` must outlive the object.
  explicit CurlConnections(EventLoop& loop) : loop_(loop) {}

  // A socket for curl to connect within `connect_timeout`, which the kernel
  // gives up when the other side acknowledges nothing for a while;
  // CURL_SOCKET_BAD if there is none.
  curl_socket_t Open(const curl_sockaddr& address,
                     absl::Duration connect_timeout);

  // From now on those that `easy` opens are closed here, by the multi handle
  // too; the object must outlive that. Whether this libcurl can do so.
  bool CloseFor(CURL* easy);

  // Something has come over it.
  void Hear(curl_socket_t socket);

  // Ends those over which nothing has come since `since`, but for those
  // `in_use`. curl finds them closed when it wants to use them again.
  void EndUnheard(absl::Time since,
                  absl::FunctionRef<bool(curl_socket_t)> in_use);

  // Ends those that the other side has ended, but for those `in_use`. Over TLS
  // curl would take them for alive as long as the word of the end is unread,
  // and would send a request in vain.
  void EndLeft(absl::FunctionRef<bool(curl_socket_t)> in_use);

 private:
  static int OnClose(void* self, curl_socket_t socket);

  struct Connection {
    // The kernel's own number, by which a socket that curl has closed is told
    // from a later one of the same descriptor.
    uint64_t cookie;
    absl::Time heard;
  };

  EventLoop& loop_;
  // By descriptor.
  absl::flat_hash_map<curl_socket_t, Connection> connections_;
};

}  // namespace holysheep
