#include "net/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace holysheep {
namespace {

constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0,    0,
                                             0, 0, 0, 0, 0xff, 0xff};

bool IsIpv4(const std::array<uint8_t, 16>& host) {
  return std::equal(kMapped.begin(), kMapped.end(), host.begin());
}

bool IsLoopback(const std::array<uint8_t, 16>& host) {
  if (IsIpv4(host)) return host[12] == 127;
  std::array<uint8_t, 16> one = {};
  one.back() = 1;
  return host == one;
}

Peer MakePeer(const void* bytes, size_t size, uint16_t port) {
  Peer peer;
  if (size == 4) std::copy(kMapped.begin(), kMapped.end(), peer.host.begin());
  std::memcpy(peer.host.data() + (16 - size), bytes, size);
  peer.port = port;
  peer.local = IsLoopback(peer.host);
  return peer;
}

}  // namespace

std::array<uint8_t, 16> NetworkOf(const Peer& peer) {
  std::array<uint8_t, 16> network = peer.host;
  if (!IsIpv4(network)) std::fill(network.begin() + 8, network.end(), 0);
  return network;
}

Peer PeerOf(int fd) {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return {};
  }
  if (address.ss_family == AF_INET) {
    const auto& in = reinterpret_cast<const sockaddr_in&>(address);
    return MakePeer(&in.sin_addr, sizeof(in.sin_addr), ntohs(in.sin_port));
  }
  if (address.ss_family == AF_INET6) {
    const auto& in = reinterpret_cast<const sockaddr_in6&>(address);
    return MakePeer(&in.sin6_addr, sizeof(in.sin6_addr), ntohs(in.sin6_port));
  }
  return {};
}

// gRPC escapes the brackets of IPv6 and names the scope of some addresses.
std::optional<Peer> ParsePeer(absl::string_view text) {
  const size_t colon = text.rfind(':');
  int port = 0;
  if (colon == absl::string_view::npos ||
      !absl::SimpleAtoi(text.substr(colon + 1), &port) || port <= 0 ||
      port > 65535) {
    return std::nullopt;
  }
  absl::string_view host = text.substr(0, colon);
  const auto wire_port = static_cast<uint16_t>(port);
  if (absl::ConsumePrefix(&host, "ipv4:")) {
    in_addr in = {};
    if (inet_pton(AF_INET, std::string(host).c_str(), &in) != 1) return {};
    return MakePeer(&in, sizeof(in), wire_port);
  }
  if (!absl::ConsumePrefix(&host, "ipv6:")) return std::nullopt;
  std::string plain = absl::StrReplaceAll(
      host, {{"%5B", ""}, {"%5D", ""}, {"[", ""}, {"]", ""}});
  plain.resize(std::min(plain.size(), plain.find('%')));
  in6_addr in = {};
  if (inet_pton(AF_INET6, plain.c_str(), &in) != 1) return std::nullopt;
  return MakePeer(&in, sizeof(in), wire_port);
}

}  // namespace holysheep
