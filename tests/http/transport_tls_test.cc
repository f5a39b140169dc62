#include <fstream>
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
#include "http/test_server.h"
#include "support/self_signed.h"

namespace holysheep {
namespace {

using ::testing::HasSubstr;

// A server with a certificate for `name`.
class TlsServer {
 public:
  explicit TlsServer(const std::string& name) : identity_(name) {
    tls_.use_certificate(boost::asio::buffer(identity_.certificate),
                         boost::asio::ssl::context::pem);
    tls_.use_private_key(boost::asio::buffer(identity_.key),
                         boost::asio::ssl::context::pem);
  }

  // Options that trust the certificate.
  CurlOptions Trusting() const {
    CurlOptions options;
    options.ca_file = testing::TempDir() + "transport_tls_test.pem";
    std::ofstream(options.ca_file) << identity_.certificate;
    return options;
  }

  TestServer& operator*() { return server_; }
  TestServer* operator->() { return &server_; }

 private:
  const SelfSigned identity_;
  boost::asio::ssl::context tls_{boost::asio::ssl::context::tls_server};
  TestServer server_{[](const TestServer::Request&) {
                       return TestServer::Reply{{Response("ok")}};
                     },
                     &tls_};
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

}  // namespace
}  // namespace holysheep
