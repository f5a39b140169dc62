#pragma once

#include <cstdint>
#include <optional>

#include "absl/time/time.h"

namespace holysheep {

// The bytes that a connection has carried so far.
struct Traffic {
  // To the client.
  uint64_t sent = 0;
  // From the client, and read out of the socket. May decrease a little between
  // two looks.
  uint64_t taken = 0;
};

// Returns the counters of the TCP socket `fd` from the kernel; nothing for any
// other file. Two system calls. A Unix socket has no counters, so its clients
// are not watched.
std::optional<Traffic> TrafficOf(int fd);

// Counts the bytes that a client has sent since it was last answered. HTTP/2's
// flow control makes a client wait for the server after a window of data, but
// headers have no such bound, and gRPC 1.51 keeps them in memory until they
// end. One thread.
class UnansweredBytes {
 public:
  // Updates the count. Bytes that arrived between the last look and an answer
  // are not counted.
  void Update(const Traffic& traffic, absl::Time now);

  // As of the last Update; 0 before the first.
  uint64_t bytes() const { return bytes_; }
  // Whether there has been no answer for 0.3 s.
  bool lasts() const { return lasts_; }

 private:
  // The counters at the last answer, and when that was noticed.
  uint64_t sent_ = 0;
  uint64_t answered_ = 0;
  absl::Time answered_at_ = absl::InfinitePast();
  uint64_t bytes_ = 0;
  bool lasts_ = false;
};

}  // namespace holysheep
