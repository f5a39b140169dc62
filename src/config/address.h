#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace holysheep::config {

// The address on which a server listens. A value, made by ParseListenAddress.
struct ListenAddress {
  // As gRPC accepts it, such as `127.0.0.1:50051`; empty if nothing listens.
  std::string text;
  // A name or an address without brackets; empty for a Unix socket.
  std::string host;
  // 0 is any free port.
  int port = 0;

  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

// Reads `IPv4:port`, `[IPv6]:port`, `name:port` or `unix:/path`. Checks the
// form only; names are not resolved. INVALID_ARGUMENT says which forms there
// are. A Unix path is absolute and has at most 107 bytes. Pure.
absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text);

// Returns `address` as a client writes it, where `port` is the port that the
// server got. A Unix socket's address stays as it is.
std::string WithPort(const ListenAddress& address, int port);

// Whether only this machine can reach `address`. Of all names, only `localhost`
// is considered local. Unix sockets are local. Not so 0.0.0.0 and ::, which
// every machine may reach.
bool IsLocal(const ListenAddress& address);

// Reads an http or https URL without user, query or fragment. Returns it
// normalized and without trailing slashes, so that `/models` can be appended. A
// password in it would get into logs, so it is refused.
absl::StatusOr<std::string> ParseBaseUrl(absl::string_view text);

// Returns `text` with all but letters, digits and `-._~` as %XX.
std::string PercentEncoded(absl::string_view text);

// Whether `base_url`, which ParseBaseUrl returned, would carry the key
// unencrypted to another machine.
bool IsExposed(const std::string& base_url);

// Reads a proxy's URL: http, https, socks4, socks4a, socks5 or socks5h. It may
// hold a password, which no error shows.
absl::StatusOr<std::string> ParseProxyUrl(absl::string_view text);

}  // namespace holysheep::config
