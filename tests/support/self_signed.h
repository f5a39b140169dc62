#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

namespace holysheep {

template <auto kFree>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

inline std::string Contents(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

// A certificate that has signed itself, for `name` such as `IP:127.0.0.1`.
struct SelfSigned {
  explicit SelfSigned(const std::string& name) {
    const std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>> pair(
        EVP_EC_gen("P-256"));
    const std::unique_ptr<X509, Freer<X509_free>> x509(X509_new());
    X509_set_version(x509.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509.get()), -60);
    X509_gmtime_adj(X509_getm_notAfter(x509.get()), 3600);
    X509_set_pubkey(x509.get(), pair.get());
    X509_NAME* const subject = X509_get_subject_name(x509.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("test"),
                               -1, -1, 0);
    X509_set_issuer_name(x509.get(), subject);
    const std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>> names(
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name,
                            name.c_str()));
    X509_add_ext(x509.get(), names.get(), -1);
    X509_sign(x509.get(), pair.get(), EVP_sha256());

    const std::unique_ptr<BIO, Freer<BIO_free_all>> out(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(out.get(), x509.get());
    certificate = Contents(out.get());
    BIO_reset(out.get());
    PEM_write_bio_PrivateKey(out.get(), pair.get(), nullptr, nullptr, 0,
                             nullptr, nullptr);
    key = Contents(out.get());
  }

  std::string certificate;  // PEM, as is the key.
  std::string key;
};

}  // namespace holysheep
