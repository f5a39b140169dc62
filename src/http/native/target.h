#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace holysheep::native {

// Where a request goes, from its URL. A value.
struct Target {
  bool tls = false;
  // A name or an address, without the brackets of IPv6.
  std::string host;
  uint16_t port = 0;
  // The host as in the URL, with the port unless the scheme implies it.
  std::string authority;
  // Path and query; begins with a slash.
  std::string path;
  // Scheme and authority. Connections to one origin are interchangeable.
  std::string origin;
};

// Reads an absolute URL, `http:` or `https:`. Returns nullopt for another
// scheme, without a host, with a user, or with bytes that do not belong into a
// URL, such as blanks. A fragment is dropped. Pure.
std::optional<Target> ParseTarget(absl::string_view url);

}  // namespace holysheep::native
