#include "config/exposure.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "config/config_errors.h"

namespace holysheep::config {
// Fail closed: whatever is not known to be local and protected counts as
// exposed.

namespace {

bool AsksForCertificates(const Config& listening) {
  return !listening.tls.client_ca_file.empty();
}

bool KnowsCallers(const Config& listening, const AuthConfig& auth) {
  return !auth.tokens.empty() || AsksForCertificates(listening);
}

}  // namespace

std::string MissingProtection(const Config& listening, const AuthConfig& auth) {
  if (IsLocal(listening.listen)) return "";
  const bool encrypted = !listening.tls.cert_file.empty();
  const bool authenticated = KnowsCallers(listening, auth);
  if (encrypted && authenticated) return "";
  constexpr absl::string_view kTls = "TLS (tls.cert_file and tls.key_file)";
  constexpr absl::string_view kCallers =
      "callers' authentication (auth.tokens or tls.client_ca_file)";
  if (encrypted) return std::string(kCallers);
  if (authenticated) return std::string(kTls);
  return absl::StrCat(kTls, " and ", kCallers);
}

std::string ExposureWarning(absl::string_view missing) {
  return absl::StrCat("listen: other machines can reach the service without ",
                      missing);
}

absl::Status CheckReload(const Config& started, const AuthConfig& current,
                         Config& wanted) {
  // A service that authenticates its callers must not lose that by a reload,
  // even on a local address.
  if (KnowsCallers(started, current) && KnowsCallers(wanted, wanted.auth) &&
      !KnowsCallers(started, wanted.auth)) {
    return Refuse(
        "tls.client_ca_file: the running service asks for no client "
        "certificates, and without auth.tokens it would not know its callers; "
        "this takes a restart");
  }
  const std::string missing = MissingProtection(started, wanted.auth);
  if (missing.empty()) return absl::OkStatus();
  if (!wanted.auth.allow_insecure) {
    return Refuse(
        absl::StrCat("listen: other machines reach the running service on ",
                     started.listen.text, ", which would be left without ",
                     missing, "; this takes a restart"));
  }
  const std::string warning = ExposureWarning(missing);
  if (std::find(wanted.warnings.begin(), wanted.warnings.end(), warning) ==
      wanted.warnings.end()) {
    wanted.warnings.push_back(warning);
  }
  return absl::OkStatus();
}

}  // namespace holysheep::config
