#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace holysheep::config {

// Where a server listens.
struct ListenAddress {
  // As gRPC takes it, such as `127.0.0.1:50051`; empty is nowhere.
  std::string text;
  // Without brackets; empty for a Unix socket.
  std::string host;
  // 0 is any free one.
  int port = 0;

  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

// Reads `IPv4:port`, `[IPv6]:port`, `name:port` or `unix:/path`.
absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text);

// `address` as a client writes it, if `port` is the one it got.
std::string WithPort(const ListenAddress& address, int port);

// Whether only this machine can reach it. Of names, only `localhost`.
bool IsLocal(const ListenAddress& address);

// An http or https URL without user, query or fragment, normalized and
// without the slashes at its end, so that `/models` can follow it.
absl::StatusOr<std::string> ParseBaseUrl(absl::string_view text);

// Whether `base_url`, which ParseBaseUrl returned, sends the key in the clear
// to another machine.
bool IsExposed(const std::string& base_url);

// A proxy's URL: http, https, socks4, socks4a, socks5 or socks5h.
absl::StatusOr<std::string> ParseProxyUrl(absl::string_view text);

}  // namespace holysheep::config
