#include "config/certificate.h"

#include <memory>

#include "base/errors.h"
#include "config/config_errors.h"
#include "openssl/bio.h"
#include "openssl/err.h"
#include "openssl/evp.h"
#include "openssl/pem.h"
#include "openssl/x509.h"

namespace holysheep::config {
// OpenSSL keeps errors in a queue of each thread: every function here empties
// it, so that no other code finds an error of ours.

namespace {

template <typename T, void (*Free)(T*)>
struct Deleter {
  void operator()(T* object) const { Free(object); }
};
struct BioDeleter {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using Bio = std::unique_ptr<BIO, BioDeleter>;
using Certificate = std::unique_ptr<X509, Deleter<X509, X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY, EVP_PKEY_free>>;

Bio Open(absl::string_view text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Certificate ReadCertificate(BIO* bio) {
  return Certificate(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr));
}

// Passed to OpenSSL so that it does not ask for a password on the terminal.
int NoPassword(char*, int, int, void*) { return -1; }

}  // namespace

absl::Status CheckCertificates(absl::string_view pem) {
  if (pem.empty()) return Refuse("is empty");
  const Bio bio = Open(pem);
  int count = 0;
  while (ReadCertificate(bio.get()) != nullptr) ++count;
  // Reading to the end of a good file always stops with this error.
  const bool at_the_end =
      ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (count == 0) return Refuse("has no PEM certificate");
  if (!at_the_end) return Refuse("has a PEM certificate that is broken");
  return absl::OkStatus();
}

absl::Status CheckPrivateKey(absl::string_view pem,
                             absl::string_view certificates) {
  if (pem.empty()) return Refuse("is empty");
  const Bio bio = Open(pem);
  const Key key(
      PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassword, nullptr));
  ERR_clear_error();
  if (key == nullptr) {
    return Refuse("has no PEM private key that can be read without a password");
  }
  const Certificate certificate = ReadCertificate(Open(certificates).get());
  const bool matches =
      certificate != nullptr &&
      X509_check_private_key(certificate.get(), key.get()) == 1;
  ERR_clear_error();
  if (!matches) {
    return Refuse("is not the key of the certificate in tls.cert_file");
  }
  return absl::OkStatus();
}

absl::Time ExpiryOf(absl::string_view pem) {
  const Certificate certificate = ReadCertificate(Open(pem).get());
  ERR_clear_error();
  tm until = {};
  if (certificate == nullptr ||
      ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &until) != 1) {
    return absl::InfiniteFuture();
  }
  return absl::FromTM(until, absl::UTCTimeZone());
}

}  // namespace holysheep::config
