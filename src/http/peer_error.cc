#include "http/peer_error.h"

#include <curl/curl.h>

#include <memory>

#include "absl/strings/str_cat.h"

namespace holysheep {
// curl's own parser reads the URL, so that the host shown is the one that curl
// has used, whatever tricks the URL plays.

namespace {

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};

// CURLU_DEFAULT_PORT names the port that the scheme implies.
std::string UrlPart(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) != CURLUE_OK) {
    return "?";
  }
  std::string copy(text);
  curl_free(text);
  return copy;
}

}  // namespace

absl::Status PeerError(const std::string& url, Reason reason,
                       absl::string_view message, const ErrorDetails& details) {
  const std::unique_ptr<CURLU, UrlDeleter> parsed(curl_url());
  curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0);
  return MakeError(
      reason,
      absl::StrCat(UrlPart(parsed.get(), CURLUPART_HOST), ":",
                   UrlPart(parsed.get(), CURLUPART_PORT), ": ", message),
      details);
}

}  // namespace holysheep
