#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace holysheep::config {

// OK if `pem` has at least one certificate and nothing that cannot be read.
absl::Status CheckCertificates(absl::string_view pem);

// OK if `pem` is a private key without a password, and that of the first
// certificate in `certificates`, which CheckCertificates has passed.
absl::Status CheckPrivateKey(absl::string_view pem,
                             absl::string_view certificates);

// Until when the first certificate in `pem`, which CheckCertificates has
// passed, is valid.
absl::Time ExpiryOf(absl::string_view pem);

}  // namespace holysheep::config
