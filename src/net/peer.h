#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <utility>

#include "absl/strings/string_view.h"

namespace holysheep {

// The other end of a connection.
struct Peer {
  // In network order; IPv4 as the end of an IPv6 address. All zeros for a Unix
  // socket.
  std::array<uint8_t, 16> host = {};
  uint16_t port = 0;
  // On this machine: loopback or a Unix socket.
  bool local = true;

  bool operator==(const Peer&) const = default;

  template <typename H>
  friend H AbslHashValue(H state, const Peer& peer) {
    return H::combine(std::move(state), peer.host, peer.port);
  }
};

// What one owner of a connection has at least, and so what has one share: the
// address, of IPv6 the first 64 bits.
std::array<uint8_t, 16> NetworkOf(const Peer& peer);

// The peer of the connected socket `fd`; a local one if it has no address.
Peer PeerOf(int fd);

// The peer as gRPC writes it, such as `ipv4:192.0.2.1:4711`; nothing if it has
// no port, as over a Unix socket. For any thread.
std::optional<Peer> ParsePeer(absl::string_view text);

}  // namespace holysheep
