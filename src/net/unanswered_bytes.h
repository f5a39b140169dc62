#pragma once

#include <cstdint>
#include <optional>

#include "absl/time/time.h"

namespace holysheep {

// What a connection has carried so far, in bytes.
struct Traffic {
  // To the client.
  uint64_t sent = 0;
  // From the client, and out of the socket. May fall back a little.
  uint64_t taken = 0;
};

// Of a TCP socket, from the kernel; nothing for any other file.
std::optional<Traffic> TrafficOf(int fd);

// Counts what a client has sent since it last heard anything. After a window
// of data a client must hear from the server before it may send more; headers
// alone have no such bound in HTTP/2, and gRPC 1.51 keeps them until they end.
// One thread.
class UnansweredBytes {
 public:
  // Takes a newer look at the connection. What came between the last look and
  // an answer is not counted.
  void Update(const Traffic& traffic, absl::Time now);

  uint64_t bytes() const { return bytes_; }
  // Whether nothing was answered for 0.3 s.
  bool lasts() const { return lasts_; }

 private:
  uint64_t sent_ = 0;
  uint64_t answered_ = 0;
  absl::Time answered_at_ = absl::InfinitePast();
  uint64_t bytes_ = 0;
  bool lasts_ = false;
};

}  // namespace holysheep
