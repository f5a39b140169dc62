#include "net/listening_sockets.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace holysheep {
namespace {

// The scheme as gRPC writes it, so that a client can use the same address.
constexpr absl::string_view kUnix = "unix:";

// Returns 0 or the errno.
int Switch(int fd, int level, int option, int value) {
  return setsockopt(fd, level, option, &value, sizeof(value)) == 0 ? 0 : errno;
}

// A descriptor, or -1 and the errno.
struct Opened {
  int fd = -1;
  int error = 0;
};

// `unix_mode` is for the file of a Unix socket.
Opened OpenOn(const sockaddr* address, socklen_t size, mode_t unix_mode = 0) {
  const int fd =
      socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return {-1, errno};
  if (address->sa_family != AF_UNIX) {
    // Accepted connections inherit the option.
    Switch(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    Switch(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  } else {
    // The file is made with these less the umask, never with more.
    fchmod(fd, unix_mode);
  }
  if (address->sa_family == AF_INET6) Switch(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (bind(fd, address, size) == 0 && listen(fd, SOMAXCONN) == 0) return {fd};
  const int error = errno;
  close(fd);
  return {-1, error};
}

absl::Status Cannot(absl::string_view address, absl::string_view why) {
  return absl::UnavailableError(
      absl::StrCat("listen: cannot listen on ", address, ": ", why));
}

absl::Status Cannot(absl::string_view address, int error) {
  switch (error) {
    case EADDRINUSE:
      return Cannot(address,
                    "another program uses it; end it, or choose another port "
                    "with `listen` or HOLYSHEEP_LISTEN");
    case EADDRNOTAVAIL:
      return Cannot(address, "this machine does not have that address");
    case EACCES:
      return Cannot(address,
                    "not allowed; ports below 1024 need root or the "
                    "capability CAP_NET_BIND_SERVICE");
    default:
      return Cannot(address, std::strerror(error));
  }
}

int PortOf(int fd) {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  if (address.ss_family == AF_INET) {
    return ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port);
  }
  if (address.ss_family == AF_INET6) {
    return ntohs(reinterpret_cast<sockaddr_in6*>(&address)->sin6_port);
  }
  return 0;
}

void SetPort(sockaddr* address, int port) {
  const in_port_t wire = htons(static_cast<uint16_t>(port));
  if (address->sa_family == AF_INET) {
    reinterpret_cast<sockaddr_in*>(address)->sin_port = wire;
  } else if (address->sa_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(address)->sin6_port = wire;
  }
}

using Found = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

// Returns null if the host is unknown.
Found Resolve(const std::string& host, const std::string& port) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), port.c_str(), &hints, &found) != 0) {
    found = nullptr;
  }
  return Found(found, &freeaddrinfo);
}

// Opens a socket for each address. A machine may lack IPv6, so that one success
// is enough, unless a port is taken. Returns 0 or the first error.
int OpenAll(addrinfo* addresses, std::vector<int>& fds) {
  int error = 0;
  for (addrinfo* each = addresses; each != nullptr; each = each->ai_next) {
    // If any free port was asked for, the first socket chooses it for all.
    if (!fds.empty()) SetPort(each->ai_addr, PortOf(fds.front()));
    const Opened opened = OpenOn(each->ai_addr, each->ai_addrlen);
    if (opened.fd >= 0) {
      fds.push_back(opened.fd);
    } else if (opened.error == EADDRINUSE || error == 0) {
      error = opened.error;
    }
  }
  return fds.empty() || error == EADDRINUSE ? error : 0;
}

// Returns nothing if there is no socket at `path`.
std::optional<SocketFile> SocketFileAt(const std::string& path) {
  struct stat status;
  if (lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) {
    return std::nullopt;
  }
  return SocketFile{path, status.st_dev, status.st_ino};
}

// Whether the socket was left by a process that was killed. Only a refused
// connection proves that; a full queue or a lack of rights does not.
bool IsDead(const sockaddr_un& address) {
  const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const int result =
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  const bool refused = result != 0 && errno == ECONNREFUSED;
  close(fd);
  return refused;
}

int OpenUnix(const std::string& path, mode_t mode, std::vector<int>& fds,
             SocketFile& file) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) return ENAMETOOLONG;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  // A live socket stays, so that bind fails with EADDRINUSE.
  if (SocketFileAt(path) && IsDead(address)) unlink(path.c_str());
  const Opened opened =
      OpenOn(reinterpret_cast<sockaddr*>(&address), sizeof(address), mode);
  if (opened.fd < 0) return opened.error;
  // What the umask has taken away.
  chmod(path.c_str(), mode);
  fds.push_back(opened.fd);
  file = SocketFileAt(path).value_or(SocketFile());
  return 0;
}

// Removes the file, unless another one has replaced it.
void Remove(const SocketFile& file) {
  const auto found = SocketFileAt(file.path);
  if (found && found->device == file.device && found->inode == file.inode) {
    unlink(file.path.c_str());
  }
}

int OpenHost(std::string host, const std::string& port, std::vector<int>& fds) {
  absl::string_view bare = host;
  if (absl::ConsumePrefix(&bare, "[")) absl::ConsumeSuffix(&bare, "]");
  // One IPv6 socket serves both protocols, where the machine has IPv6.
  if (bare == "0.0.0.0" && OpenAll(Resolve("::", port).get(), fds) == 0) {
    return 0;
  }
  const Found found = Resolve(std::string(bare), port);
  return found == nullptr ? ENOENT : OpenAll(found.get(), fds);
}

}  // namespace

void ListeningSockets::Close() {
  // Before the socket is closed: until then no other file can have its inode.
  Remove(std::exchange(file_, {}));
  for (const int fd : std::exchange(fds_, {})) close(fd);
}

int ListeningSockets::port() const { return PortOf(fds_.front()); }

absl::StatusOr<ListeningSockets> OpenListeningSockets(
    const std::string& address, mode_t unix_mode) {
  ListeningSockets sockets;
  int error = 0;
  if (absl::StartsWith(address, kUnix)) {
    error = OpenUnix(address.substr(kUnix.size()), unix_mode, sockets.fds_,
                     sockets.file_);
  } else {
    const size_t colon = address.rfind(':');
    error = OpenHost(address.substr(0, colon), address.substr(colon + 1),
                     sockets.fds_);
    if (error == ENOENT) return Cannot(address, "there is no such host");
  }
  if (error != 0) return Cannot(address, error);
  return sockets;
}

}  // namespace holysheep
