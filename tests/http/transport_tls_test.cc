#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "boost/asio/buffer.hpp"
#include "boost/asio/write.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "http/client.h"
#include "http/http2_server.h"
#include "http/test_server.h"
#include "support/tls_identity.h"

namespace holysheep {
namespace {

using ::testing::HasSubstr;

// A server with a certificate for `name`.
class TlsServer {
 public:
  explicit TlsServer(const std::string& name) : identity_(name) {}

  // Options that trust the certificate.
  CurlOptions Trusting() const {
    CurlOptions options;
    options.ca_file = identity_.File();
    return options;
  }

  TestServer* operator->() { return &server_; }

 private:
  TlsIdentity identity_;
  TestServer server_{[](const TestServer::Request&) {
                       return TestServer::Reply{{Response("ok")}};
                     },
                     &identity_.context()};
};

// What becomes of a request to a server with a certificate for `name`, which is
// trusted if `trusted`.
Recorder Get(TransportKind kind, const std::string& name, bool trusted) {
  TlsServer server(name);
  Client client(kind, trusted ? server.Trusting() : CurlOptions());
  Recorder recorder;
  client.Fetch(client.MakeRequest(server->Url("/")), recorder);
  return recorder;
}

void ExpectRefused(const Recorder& recorder) {
  EXPECT_EQ(ReasonOf(*recorder.result), Reason::kUpstreamConnect);
  EXPECT_TRUE(DetailsOf(*recorder.result).lasting);
  EXPECT_THAT(std::string(recorder.result->message()),
              HasSubstr("its certificate cannot be verified: check "
                        "upstream.base_url"));
  EXPECT_EQ(recorder.headers_calls, 0);
}

class TransportTlsTest : public OverBothTransports {};

TEST_P(TransportTlsTest, AnUnknownCertificateIsRefused) {
  ExpectRefused(Get(GetParam(), "IP:127.0.0.1", false));
}

TEST_P(TransportTlsTest, ATrustedCertificateIsAccepted) {
  const Recorder recorder = Get(GetParam(), "IP:127.0.0.1", true);
  EXPECT_EQ(*recorder.result, absl::OkStatus());
  EXPECT_EQ(recorder.body, "ok");
}

TEST_P(TransportTlsTest, ATrustedCertificateForAnotherNameIsRefused) {
  ExpectRefused(Get(GetParam(), "IP:127.0.0.2", true));
  ExpectRefused(Get(GetParam(), "DNS:localhost", true));
}

TEST_P(TransportTlsTest, ThePeerIsAskedForByItsName) {
  TlsServer server("DNS:localhost");
  Client client(GetParam(), server.Trusting());
  Recorder recorder;
  client.Fetch(client.MakeRequest(
                   absl::StrCat("https://localhost:", server->port(), "/")),
               recorder);
  EXPECT_EQ(*recorder.result, absl::OkStatus());
}

TEST_P(TransportTlsTest, APeerWithoutTlsIsSaidToHaveNone) {
  // It answers what it takes for a request.
  boost::asio::io_context context;
  boost::asio::ip::tcp::acceptor acceptor(
      context, {boost::asio::ip::address_v4::loopback(), 0});
  std::thread plain([&] {
    boost::asio::ip::tcp::socket socket = acceptor.accept();
    boost::asio::write(socket, boost::asio::buffer(Response("what?")));
    char byte;
    boost::system::error_code error;
    while (!error) socket.read_some(boost::asio::buffer(&byte, 1), error);
  });
  Client client(GetParam());
  Recorder recorder;
  client.Fetch(client.MakeRequest(absl::StrCat(
                   "https://127.0.0.1:", acceptor.local_endpoint().port())),
               recorder);
  plain.join();
  EXPECT_EQ(ReasonOf(*recorder.result), Reason::kUpstreamConnect);
  EXPECT_TRUE(DetailsOf(*recorder.result).lasting);
  EXPECT_THAT(std::string(recorder.result->message()),
              HasSubstr("it does not speak TLS there"));
}

TEST_P(TransportTlsTest, ALaterConnectionResumesTheSession) {
  TlsServer server("IP:127.0.0.1");
  Client client(GetParam(), server.Trusting());
  HttpRequest request = client.MakeRequest(server->Url("/"));
  request.fresh_connection = true;
  for (int round = 0; round < 3; ++round) {
    Recorder recorder;
    client.Fetch(request, recorder);
    EXPECT_EQ(*recorder.result, absl::OkStatus());
  }
  EXPECT_EQ(server->connections(), 3);
  EXPECT_EQ(server->resumed(), 2);
}

TEST_P(TransportTlsTest, OneConnectionCarriesBigBodies) {
  TlsServer server("IP:127.0.0.1");
  Client client(GetParam(), server.Trusting());
  HttpRequest request = client.MakeRequest(server->Url("/"));
  request.body = std::string(3 << 20, 'x');
  for (int round = 0; round < 2; ++round) {
    Recorder recorder;
    client.Fetch(request, recorder);
    EXPECT_EQ(*recorder.result, absl::OkStatus());
    EXPECT_EQ(recorder.body, "ok");
  }
  EXPECT_EQ(server->connections(), 1);
}

OVER_BOTH_TRANSPORTS(TransportTlsTest);

class NativeTlsTest : public testing::TestWithParam<HttpVersion> {};

INSTANTIATE_TEST_SUITE_P(, NativeTlsTest,
                         testing::Values(HttpVersion::kAuto,
                                         HttpVersion::kHttp2));

// Calls that had waited together for HTTP/2 are not lost.
TEST_P(NativeTlsTest, APeerWithoutHttp2IsSpokenToInHttp11) {
  TlsServer server("IP:127.0.0.1");
  CurlOptions options = server.Trusting();
  options.http_version = GetParam();
  Client client(TransportKind::kNative, options);
  for (int round = 0; round < 2; ++round) {
    for (const Recorder& recorder :
         client.FetchAll(client.MakeRequest(server->Url("/")), 5)) {
      EXPECT_EQ(*recorder.result, absl::OkStatus());
      EXPECT_EQ(recorder.body, "ok");
    }
  }
}

TEST_P(NativeTlsTest, Http2IsSpokenWhereItIsAgreedOn) {
  TlsIdentity identity("IP:127.0.0.1");
  SSL_CTX_set_alpn_select_cb(
      identity.context().native_handle(),
      [](SSL*, const unsigned char** chosen, unsigned char* size,
         const unsigned char* offered, unsigned offered_size, void*) {
        // The first that is offered.
        *chosen = offered + 1;
        *size = offered[0];
        return offered_size > 0 ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
      },
      nullptr);
  Http2Server server(
      [](const Http2Server::Request& request) {
        return Http2Server::Reply{Http2Server::Reply::kAnswer, request.body};
      },
      100, &identity.context());
  CurlOptions options;
  options.http_version = GetParam();
  options.ca_file = identity.File();
  Client client(TransportKind::kNative, options);
  for (int round = 0; round < 2; ++round) {
    for (const Recorder& recorder :
         client.FetchAll(client.MakeRequest(server.Url("/")), 5)) {
      EXPECT_EQ(*recorder.result, absl::OkStatus());
      EXPECT_EQ(recorder.body, "{}");
    }
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST(NativeTrustTest, AFileOfAuthoritiesThatCannotBeReadIsNamed) {
  TlsServer server("IP:127.0.0.1");
  CurlOptions options;
  options.ca_file = "no/such/file.pem";
  Client client(TransportKind::kNative, options);
  Recorder recorder;
  client.Fetch(client.MakeRequest(server->Url("/")), recorder);
  EXPECT_EQ(ReasonOf(*recorder.result), Reason::kUpstreamConnect);
  EXPECT_THAT(std::string(recorder.result->message()),
              HasSubstr("no/such/file.pem"));
}

}  // namespace
}  // namespace holysheep
