#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace holysheep::config {

// Returns OK if `pem` holds at least one certificate and none that cannot be
// read. Errors begin with `is` or `has`, to follow the name of a key. Whether
// the certificates are valid now is not checked.
absl::Status CheckCertificates(absl::string_view pem);

// Returns OK if `pem` is a private key without a password that belongs to the
// first certificate in `certificates`, which CheckCertificates has accepted.
absl::Status CheckPrivateKey(absl::string_view pem,
                             absl::string_view certificates);

// Returns the time until which the first certificate in `pem`, which
// CheckCertificates has accepted, is valid. Infinite if it cannot be read. For
// a warning in time.
absl::Time ExpiryOf(absl::string_view pem);

}  // namespace holysheep::config
