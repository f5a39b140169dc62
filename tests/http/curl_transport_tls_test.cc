#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <fstream>
#include <memory>
#include <string>

#include "base/errors.h"
#include "boost/asio/buffer.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "http/client.h"
#include "http/test_server.h"

namespace holysheep {
namespace {

using ::testing::HasSubstr;

template <auto kFree>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};

std::string Contents(BIO* bio) {
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

// What becomes of a request to a server with `identity`, whose certificate is
// trusted if `trusted`.
Recorder Get(const SelfSigned& identity, bool trusted) {
  boost::asio::ssl::context tls(boost::asio::ssl::context::tls_server);
  tls.use_certificate(boost::asio::buffer(identity.certificate),
                      boost::asio::ssl::context::pem);
  tls.use_private_key(boost::asio::buffer(identity.key),
                      boost::asio::ssl::context::pem);
  TestServer server(
      [](const TestServer::Request&) {
        return TestServer::Reply{{Response("ok")}};
      },
      &tls);
  CurlOptions options;
  if (trusted) {
    options.ca_file = testing::TempDir() + "curl_transport_tls_test.pem";
    std::ofstream(options.ca_file) << identity.certificate;
  }
  Client client(options);
  Recorder recorder;
  client.Fetch(client.MakeRequest(server.Url("/")), recorder);
  return recorder;
}

TEST(CurlTransportTlsTest, AnUnknownCertificateIsRefused) {
  const Recorder recorder = Get(SelfSigned("IP:127.0.0.1"), false);
  EXPECT_EQ(ReasonOf(*recorder.result), Reason::kUpstreamConnect);
  EXPECT_THAT(std::string(recorder.result->message()),
              HasSubstr("certificate"));
  EXPECT_EQ(recorder.headers_calls, 0);
}

TEST(CurlTransportTlsTest, ATrustedCertificateIsAccepted) {
  const Recorder recorder = Get(SelfSigned("IP:127.0.0.1"), true);
  EXPECT_EQ(*recorder.result, absl::OkStatus());
  EXPECT_EQ(recorder.body, "ok");
}

TEST(CurlTransportTlsTest, ATrustedCertificateForAnotherNameIsRefused) {
  const Recorder recorder = Get(SelfSigned("IP:127.0.0.2"), true);
  EXPECT_EQ(ReasonOf(*recorder.result), Reason::kUpstreamConnect);
}

}  // namespace
}  // namespace holysheep
