#include <fstream>
#include <memory>
#include <string>

#include "base/errors.h"
#include "boost/asio/buffer.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "http/client.h"
#include "http/test_server.h"
#include "support/self_signed.h"

namespace holysheep {
namespace {

using ::testing::HasSubstr;

// What becomes of a request to a server with `identity`, whose certificate is
// trusted if `trusted`.
Recorder Get(TransportKind kind, const SelfSigned& identity, bool trusted) {
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
    options.ca_file = testing::TempDir() + "transport_tls_test.pem";
    std::ofstream(options.ca_file) << identity.certificate;
  }
  Client client(kind, options);
  Recorder recorder;
  client.Fetch(client.MakeRequest(server.Url("/")), recorder);
  return recorder;
}

class TransportTlsTest : public OverBothTransports {};

TEST_P(TransportTlsTest, AnUnknownCertificateIsRefused) {
  const Recorder recorder = Get(GetParam(), SelfSigned("IP:127.0.0.1"), false);
  EXPECT_EQ(ReasonOf(*recorder.result), Reason::kUpstreamConnect);
  EXPECT_THAT(std::string(recorder.result->message()),
              HasSubstr("certificate"));
  EXPECT_EQ(recorder.headers_calls, 0);
}

TEST_P(TransportTlsTest, ATrustedCertificateIsAccepted) {
  const Recorder recorder = Get(GetParam(), SelfSigned("IP:127.0.0.1"), true);
  EXPECT_EQ(*recorder.result, absl::OkStatus());
  EXPECT_EQ(recorder.body, "ok");
}

TEST_P(TransportTlsTest, ATrustedCertificateForAnotherNameIsRefused) {
  const Recorder recorder = Get(GetParam(), SelfSigned("IP:127.0.0.2"), true);
  EXPECT_EQ(ReasonOf(*recorder.result), Reason::kUpstreamConnect);
}

OVER_BOTH_TRANSPORTS(TransportTlsTest);

}  // namespace
}  // namespace holysheep
