#include "http/native/target.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace holysheep::native {
namespace {

bool ConsumeScheme(absl::string_view& url, absl::string_view scheme) {
  if (!absl::StartsWithIgnoreCase(url, scheme)) return false;
  url.remove_prefix(scheme.size());
  return true;
}

bool IsPrintable(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return c > ' ' && c < 0x7f; });
}

// Splits `[::1]:80` and `host:80`. Leaves `port` alone if none is given.
bool SplitAuthority(absl::string_view text, std::string& host, uint16_t& port) {
  absl::string_view name = text;
  absl::string_view digits;
  const size_t bracket = text.rfind(']');
  const size_t colon = text.rfind(':');
  if (colon != absl::string_view::npos &&
      (bracket == absl::string_view::npos || colon > bracket)) {
    name = text.substr(0, colon);
    digits = text.substr(colon + 1);
  }
  if (bracket != absl::string_view::npos) {
    if (!absl::ConsumePrefix(&name, "[") || !absl::ConsumeSuffix(&name, "]")) {
      return false;
    }
  }
  const absl::string_view foreign =
      bracket == absl::string_view::npos ? "[:" : "[]";
  if (name.find_first_of(foreign) != absl::string_view::npos) return false;
  host = absl::AsciiStrToLower(name);
  if (digits.empty()) return !host.empty();
  uint32_t number = 0;
  if (!absl::SimpleAtoi(digits, &number) || number == 0 || number > 65'535) {
    return false;
  }
  port = static_cast<uint16_t>(number);
  return !host.empty();
}

}  // namespace

std::optional<Target> ParseTarget(absl::string_view url) {
  Target target;
  target.tls = ConsumeScheme(url, "https://");
  if (!target.tls && !ConsumeScheme(url, "http://")) return std::nullopt;
  url = url.substr(0, url.find('#'));
  if (!IsPrintable(url)) return std::nullopt;
  const uint16_t implied = target.tls ? 443 : 80;
  target.port = implied;
  const size_t end = std::min(url.find_first_of("/?"), url.size());
  const absl::string_view authority = url.substr(0, end);
  if (absl::StrContains(authority, '@') ||
      !SplitAuthority(authority, target.host, target.port)) {
    return std::nullopt;
  }
  const absl::string_view rest = url.substr(end);
  target.path = absl::StrCat(absl::StartsWith(rest, "/") ? "" : "/", rest);
  const bool ipv6 = absl::StrContains(target.host, ':');
  target.authority = ipv6 ? absl::StrCat("[", target.host, "]") : target.host;
  if (target.port != implied)
    absl::StrAppend(&target.authority, ":", target.port);
  target.origin =
      absl::StrCat(target.tls ? "https://" : "http://", target.authority);
  return target;
}

}  // namespace holysheep::native
