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

  // Something has come over it.
  void Hear(curl_socket_t socket);

  // Ends those over which nothing has come since `since`, but for those
  // `in_use`. curl finds them closed when it wants to use them again.
  void EndUnheard(absl::Time since,
                  absl::FunctionRef<bool(curl_socket_t)> in_use);

 private:
  struct Connection {
    // The kernel's own number, by which a socket that curl has closed is told
    // from a later one of the same descriptor.
    uint64_t cookie;
    absl::Time heard;
  };

  EventLoop& loop_;
  // By descriptor, which bounds them; those closed stay until somebody looks.
  absl::flat_hash_map<curl_socket_t, Connection> connections_;
};

}  // namespace holysheep
