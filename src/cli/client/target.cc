#include "cli/client/target.h"

#include <arpa/inet.h>

#include <algorithm>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace holysheep::cli {
namespace {

bool IsPort(absl::string_view text) {
  int port = 0;
  return absl::SimpleAtoi(text, &port) && port > 0 && port <= 65535;
}

// Whether `host` is an IP address of `family`, without brackets.
bool IsHost(int family, const std::string& host) {
  in6_addr address;
  return inet_pton(family, host.c_str(), &address) == 1;
}

// Returns AF_INET or AF_INET6, or AF_UNSPEC if `text` is not IP:PORT.
int FamilyOf(absl::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == address.npos || !IsPort(address.substr(colon + 1))) {
    return AF_UNSPEC;
  }
  absl::string_view host = address.substr(0, colon);
  if (IsHost(AF_INET, std::string(host))) return AF_INET;
  const bool bracketed =
      absl::ConsumePrefix(&host, "[") && absl::ConsumeSuffix(&host, "]");
  return bracketed && IsHost(AF_INET6, std::string(host)) ? AF_INET6
                                                          : AF_UNSPEC;
}

bool IsLoopback(absl::string_view address) {
  if (absl::StartsWith(address, "unix:")) return true;
  absl::string_view host = address.substr(0, address.rfind(':'));
  if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
  return host == "localhost" || host == "::1" ||
         (absl::StartsWith(host, "127.") && IsHost(AF_INET, std::string(host)));
}

}  // namespace

// gRPC resolves a list only if all of it is of one family, and resolves no
// names in it; its own error for that is hard to understand.
absl::StatusOr<Target> ParseTarget(absl::string_view address) {
  if (absl::StartsWith(address, "dns:")) {
    return Target{std::string(address), /*several=*/true};
  }
  if (!absl::StrContains(address, ',')) {
    return Target{std::string(address), /*several=*/false};
  }
  const std::vector<std::string> parts = absl::StrSplit(address, ',');
  const int family = FamilyOf(parts.front());
  const bool alike = std::all_of(
      parts.begin(), parts.end(),
      [family](const std::string& part) { return FamilyOf(part) == family; });
  if (family == AF_UNSPEC || !alike) {
    return absl::InvalidArgumentError(
        "must be a list of IP:PORT of one kind, such as "
        "10.0.0.1:50051,10.0.0.2:50051; for a name that has several addresses "
        "it is dns:///NAME:PORT");
  }
  return Target{absl::StrCat(family == AF_INET ? "ipv4:" : "ipv6:",
                             absl::StrJoin(parts, ",")),
                /*several=*/true};
}

bool StaysOnThisMachine(absl::string_view address) {
  absl::ConsumePrefix(&address, "dns:///");
  const std::vector<absl::string_view> parts = absl::StrSplit(address, ',');
  return std::all_of(parts.begin(), parts.end(), IsLoopback);
}

}  // namespace holysheep::cli
