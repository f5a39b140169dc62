#pragma once

#include <curl/curl.h>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "base/http_version.h"

namespace holysheep {

// The version that curl should speak to `url`. Without TLS it cannot negotiate
// HTTP/2 and has to begin with it. A value of CURLOPT_HTTP_VERSION. kAuto is
// HTTP/1.1, because a connection carries one call at a time and HTTP/2 then
// only adds work.
inline long CurlVersionFor(HttpVersion version, absl::string_view url) {
  if (version != HttpVersion::kHttp2) return CURL_HTTP_VERSION_1_1;
  return absl::StartsWithIgnoreCase(url, "http:")
             ? CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE
             : CURL_HTTP_VERSION_2TLS;
}

}  // namespace holysheep
