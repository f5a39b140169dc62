#include "http/curl_advice.h"

#include "absl/strings/match.h"

namespace holysheep {
// Only failures that a change of configuration can end have advice: the caller
// of AdviceFor marks them as lasting, so that they are not retried.

absl::string_view AdviceFor(CURLcode result, absl::string_view error) {
  if (result == CURLE_PEER_FAILED_VERIFICATION) {
    return "; its certificate cannot be verified: check upstream.base_url, or "
           "name the authority that has signed it in upstream.ca_file";
  }
  // OpenSSL's errors for a peer that answers with something other than TLS.
  const bool no_tls = absl::StrContains(error, "wrong version number") ||
                      absl::StrContains(error, "packet length too long") ||
                      absl::StrContains(error, "http request");
  if (result != CURLE_SSL_CONNECT_ERROR || !no_tls) return {};
  return "; it does not speak TLS there: check whether upstream.base_url "
         "should begin with http:";
}

}  // namespace holysheep
