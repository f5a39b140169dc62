#pragma once

#include "absl/strings/string_view.h"

namespace holysheep {

// Advice on TLS failures that only a change of configuration can end, to be
// appended to a message.
inline constexpr absl::string_view kCertificateAdvice =
    "; its certificate cannot be verified: check upstream.base_url, or name "
    "the authority that has signed it in upstream.ca_file";
inline constexpr absl::string_view kNoTlsAdvice =
    "; it does not speak TLS there: check whether upstream.base_url should "
    "begin with http:";

}  // namespace holysheep
