#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace holysheep {

// The file of a Unix socket, to be told from one that took its place.
struct SocketFile {
  std::string path;  // empty: there is none
  dev_t device = 0;
  ino_t inode = 0;
};

// Sockets that listen, closed at the end.
class ListeningSockets {
 public:
  ListeningSockets() = default;
  ListeningSockets(ListeningSockets&& other) noexcept
      : fds_(std::exchange(other.fds_, {})),
        file_(std::exchange(other.file_, {})) {}
  ListeningSockets& operator=(ListeningSockets&&) = delete;
  ~ListeningSockets() { Close(); }

  // Listens no more.
  void Close();

  const std::vector<int>& fds() const { return fds_; }
  // 0 for a Unix socket.
  int port() const;

 private:
  friend absl::StatusOr<ListeningSockets> OpenListeningSockets(
      const std::string& address);

  std::vector<int> fds_;
  // Removed with its socket.
  SocketFile file_;
};

// Opens all that `address` stands for, on one port: host:port, [v6]:port or
// unix:/path. 0.0.0.0 is all addresses of the machine, those of IPv6 as well.
// UNAVAILABLE, with the address and what to do, if that cannot be.
absl::StatusOr<ListeningSockets> OpenListeningSockets(
    const std::string& address);

}  // namespace holysheep
