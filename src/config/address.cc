#include "config/address.h"

#include <arpa/inet.h>
#include <curl/curl.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/errors.h"
#include "config/config_errors.h"

namespace holysheep::config {
namespace {

// The length of sun_path without its final NUL.
constexpr size_t kMaxSocketPath = 107;
// RFC 1035 bounds a name and its labels.
constexpr size_t kMaxHostName = 253;

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, UrlDeleter>;

// C interfaces would end the text at a NUL, and others are never part of an
// address.
bool HasControl(absl::string_view text) {
  return std::any_of(text.begin(), text.end(), absl::ascii_iscntrl);
}

bool IsIpv4(const std::string& host) {
  in_addr address;
  return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

bool IsIpv6(const std::string& host) {
  in6_addr address;
  return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool IsLabel(absl::string_view label) {
  return !label.empty() && label.size() <= 63 && label.front() != '-' &&
         label.back() != '-' &&
         std::all_of(label.begin(), label.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '_';
         });
}

// A name that ends in a number is rejected, because it is a misspelt address.
bool IsHostName(absl::string_view host) {
  const std::vector<absl::string_view> labels = absl::StrSplit(host, '.');
  return host.size() <= kMaxHostName &&
         std::all_of(labels.begin(), labels.end(), IsLabel) &&
         !std::all_of(labels.back().begin(), labels.back().end(),
                      absl::ascii_isdigit);
}

bool IsLoopbackHost(const std::string& host) {
  if (IsIpv4(host)) return absl::StartsWith(host, "127.");
  in6_addr address;
  if (inet_pton(AF_INET6, host.c_str(), &address) == 1) {
    return IN6_IS_ADDR_LOOPBACK(&address) ||
           (IN6_IS_ADDR_V4MAPPED(&address) && address.s6_addr[12] == 127);
  }
  return absl::EqualsIgnoreCase(host, "localhost");
}

bool ParsePort(absl::string_view text, int& port) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), absl::ascii_isdigit) &&
         absl::SimpleAtoi(text, &port) && port <= 65535;
}

// Removes the brackets of an IPv6 address.
bool ParseHost(absl::string_view text, std::string& host) {
  if (absl::ConsumePrefix(&text, "[")) {
    if (!absl::ConsumeSuffix(&text, "]")) return false;
    host = std::string(text);
    return IsIpv6(host);
  }
  host = std::string(text);
  return IsIpv4(host) || IsHostName(host);
}

std::string Part(const Url& url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url.get(), part, &text, 0) != CURLUE_OK) return "";
  const std::unique_ptr<char, void (*)(void*)> owner(text, &curl_free);
  return text;
}

Url ParseUrl(absl::string_view text) {
  Url url(curl_url());
  if (url == nullptr || HasControl(text)) return nullptr;
  const CURLUcode code =
      curl_url_set(url.get(), CURLUPART_URL, std::string(text).c_str(),
                   CURLU_NON_SUPPORT_SCHEME);
  return code == CURLUE_OK ? std::move(url) : nullptr;
}

}  // namespace

absl::StatusOr<ListenAddress> ParseListenAddress(absl::string_view text) {
  ListenAddress address;
  address.text = std::string(text);
  if (absl::ConsumePrefix(&text, "unix:")) {
    if (absl::StartsWith(text, "/") && text.size() <= kMaxSocketPath &&
        !HasControl(text)) {
      return address;
    }
    return Refuse(absl::StrCat("must be unix:/path of at most ", kMaxSocketPath,
                               " characters"));
  }
  const size_t colon = text.rfind(':');
  if (colon == absl::string_view::npos || HasControl(text) ||
      !ParseHost(text.substr(0, colon), address.host)) {
    return Refuse(
        "must be an address and port such as 127.0.0.1:50051, [::1]:50051 or "
        "localhost:50051");
  }
  if (!ParsePort(text.substr(colon + 1), address.port)) {
    return Refuse("the port must be 0 to 65535");
  }
  return address;
}

std::string WithPort(const ListenAddress& address, int port) {
  if (address.host.empty()) return address.text;
  return absl::StrCat(address.text.substr(0, address.text.rfind(':') + 1),
                      port);
}

bool IsLocal(const ListenAddress& address) {
  return address.host.empty() || IsLoopbackHost(address.host);
}

absl::StatusOr<std::string> ParseBaseUrl(absl::string_view text) {
  const Url url = ParseUrl(text);
  const std::string scheme = url == nullptr ? "" : Part(url, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") {
    return Refuse(
        "must be an http or https URL such as https://api.holysheep.ai/v1");
  }
  if (!Part(url, CURLUPART_USER).empty() ||
      !Part(url, CURLUPART_PASSWORD).empty()) {
    return Refuse("must not have a user or password in it");
  }
  if (absl::StrContains(text, '?') || absl::StrContains(text, '#')) {
    return Refuse("must not have a query or fragment");
  }
  const std::string normalized = Part(url, CURLUPART_URL);
  absl::string_view trimmed = normalized;
  while (absl::ConsumeSuffix(&trimmed, "/")) continue;
  for (const absl::string_view path : {"/chat/completions", "/models"}) {
    if (!absl::ConsumeSuffix(&trimmed, path)) continue;
    return Refuse(absl::StrCat("must not end in ", path,
                               ", which the service appends: say ", trimmed));
  }
  return std::string(trimmed);
}

std::string PercentEncoded(absl::string_view text) {
  std::string encoded;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
        absl::StrContains("-._~", c)) {
      encoded.push_back(c);
    } else {
      absl::StrAppendFormat(&encoded, "%%%02X", static_cast<unsigned char>(c));
    }
  }
  return encoded;
}

bool IsExposed(const std::string& base_url) {
  const Url url = ParseUrl(base_url);
  if (url == nullptr || Part(url, CURLUPART_SCHEME) != "http") return false;
  const std::string bracketed = Part(url, CURLUPART_HOST);
  absl::string_view host = bracketed;
  if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
  return !IsLoopbackHost(std::string(host));
}

absl::StatusOr<std::string> ParseProxyUrl(absl::string_view text) {
  constexpr std::array<absl::string_view, 6> kSchemes = {
      "http", "https", "socks4", "socks4a", "socks5", "socks5h"};
  const Url url = ParseUrl(text);
  const std::string scheme = url == nullptr ? "" : Part(url, CURLUPART_SCHEME);
  if (std::find(kSchemes.begin(), kSchemes.end(), scheme) == kSchemes.end()) {
    return Refuse("must be a URL such as http://proxy:3128 or socks5://proxy");
  }
  return std::string(text);
}

}  // namespace holysheep::config
