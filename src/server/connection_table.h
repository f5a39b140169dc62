#pragma once

#include <sys/types.h>

#include <cstddef>
#include <vector>

#include "absl/time/time.h"

namespace holysheep {

// Counts connections whose sockets belong to someone who does not say when
// they are closed, as gRPC does. One thread.
class ConnectionTable {
 public:
  explicit ConnectionTable(size_t most) : most_(most) {}

  // Whether there is room for another connection. Looks for closed ones when
  // there is none, but as that takes time, 10 times a second at most.
  bool HasRoom(absl::Time now);

  // Counts `fd`, a socket, until it is closed.
  void Add(int fd);

 private:
  // The number of the file tells whether a descriptor is still that socket.
  struct Connection {
    int fd;
    ino_t file;
  };

  const size_t most_;
  std::vector<Connection> connections_;
  absl::Time looked_ = absl::InfinitePast();
};

}  // namespace holysheep
