#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace holysheep {

// The identity of a Unix socket's file, to distinguish it from one that has
// replaced it. A file is unlinked only if it is still the one that was created.
struct SocketFile {
  std::string path;  // empty if there is none
  dev_t device = 0;
  ino_t inode = 0;
};

// Listening sockets, closed and, if Unix, unlinked by the destructor. Movable;
// one owner. Not thread-safe; the listener's thread owns it after the start.
class ListeningSockets {
 public:
  ListeningSockets() = default;
  ListeningSockets(ListeningSockets&& other) noexcept
      : fds_(std::exchange(other.fds_, {})),
        file_(std::exchange(other.file_, {})) {}
  ListeningSockets& operator=(ListeningSockets&&) = delete;
  ~ListeningSockets() { Close(); }

  // Stops listening. Unlinks the socket's file first. May be called repeatedly.
  void Close();

  // In the order in which they were opened; they remain this object's.
  const std::vector<int>& fds() const { return fds_; }
  // The port; 0 for a Unix socket. REQUIRES: not closed.
  int port() const;

 private:
  friend absl::StatusOr<ListeningSockets> OpenListeningSockets(
      const std::string& address, mode_t unix_mode);

  std::vector<int> fds_;
  // The file is removed with its socket.
  SocketFile file_;
};

// Opens all sockets that `address` stands for, on one port: host:port,
// [v6]:port or unix:/path, whose file gets the permissions `unix_mode`. 0.0.0.0
// means all addresses of the machine, IPv6 included. Returns UNAVAILABLE, with
// the address and advice, if that is impossible. Blocks while it resolves a
// name. For port 0 the kernel chooses a port for the first socket, and the
// others use the same. A Unix socket's file that a killed process has left is
// replaced; one that another process listens on is not.
absl::StatusOr<ListeningSockets> OpenListeningSockets(
    const std::string& address, mode_t unix_mode);

}  // namespace holysheep
