#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "config/certificate.h"
#include "config/pem.h"
#include "config/schema.h"

namespace holysheep::config {
// Certificates are checked here because gRPC, which loads them, only logs what
// is wrong.

namespace {

void CheckPair(Fields& fields, const FileContents& certificate,
               const FileContents& key, Config& config) {
  const absl::Time expiry = ExpiryOf(certificate.text);
  if (expiry < absl::Now()) {
    config.warnings.push_back(absl::StrCat(
        "tls.cert_file: the certificate expired at ",
        absl::FormatTime(absl::RFC3339_sec, expiry, absl::UTCTimeZone())));
  }
  if (key.text.empty()) return;
  const absl::Status good = CheckPrivateKey(key.text, certificate.text);
  if (!good.ok()) fields.Fail("key_file", good.message());
  if (key.world_readable) {
    config.warnings.push_back(
        "tls.key_file: every user of this machine can read the file");
  }
}

}  // namespace

void ReadTls(Fields& fields, Config& config) {
  TlsFiles& tls = config.tls;
  const FileContents certificate = ReadPem(fields, "cert_file", tls.cert_file);
  const FileContents key = ReadPem(fields, "key_file", tls.key_file);
  const FileContents clients =
      ReadPem(fields, "client_ca_file", tls.client_ca_file);
  const bool has_certificate = !tls.cert_file.empty();
  const bool has_key = !tls.key_file.empty();
  if (has_certificate && !has_key) {
    fields.Fail("cert_file", "needs tls.key_file too");
  }
  if (has_key && !has_certificate) {
    fields.Fail("key_file", "needs tls.cert_file too");
  }
  if (!tls.client_ca_file.empty() && !has_certificate) {
    fields.Fail("client_ca_file", "needs tls.cert_file and tls.key_file too");
  }
  if (!has_certificate || !has_key) return;
  if (CheckPem(fields, "cert_file", certificate)) {
    CheckPair(fields, certificate, key, config);
  }
  CheckPem(fields, "client_ca_file", clients);
}

}  // namespace holysheep::config
