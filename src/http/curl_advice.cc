#include "http/curl_advice.h"

#include "absl/strings/match.h"
#include "http/tls_advice.h"

namespace holysheep {
// Only failures that a change of configuration can end have advice: the caller
// of AdviceFor marks them as lasting, so that they are not retried.

absl::string_view AdviceFor(CURLcode result, absl::string_view error) {
  if (result == CURLE_PEER_FAILED_VERIFICATION) {
    return kCertificateAdvice;
  }
  // OpenSSL's errors for a peer that answers with something other than TLS.
  const bool no_tls = absl::StrContains(error, "wrong version number") ||
                      absl::StrContains(error, "packet length too long") ||
                      absl::StrContains(error, "http request");
  if (result != CURLE_SSL_CONNECT_ERROR || !no_tls) return {};
  return kNoTlsAdvice;
}

}  // namespace holysheep
