#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "http/client.h"
#include "http/test_server.h"

namespace holysheep {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using End = TestServer::Reply::End;
using Reply = TestServer::Reply;
using Request = TestServer::Request;

struct Failure {
  const char* what;
  Reply reply;
  Reason reason;
};

class TransportFailureTest : public OverBothTransports {};

TEST_P(TransportFailureTest, NamesEachWayToLoseAResponse) {
  const std::string chunked =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string ten = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nfive.";
  const std::vector<Failure> failures = {
      {"closed before the headers",
       {{}, End::kClose},
       Reason::kUpstreamConnect},
      {"reset before the headers", {{}, End::kReset}, Reason::kUpstreamConnect},
      {"closed inside the headers",
       {{"HTTP/1.1 200 OK\r\nA: b\r\n"}, End::kClose},
       Reason::kUpstreamConnect},
      {"closed inside the body",
       {{ten}, End::kClose},
       Reason::kStreamTruncated},
      {"reset inside the body", {{ten}, End::kReset}, Reason::kStreamTruncated},
      {"closed between chunks",
       {{chunked + "3\r\none\r\n"}, End::kClose},
       Reason::kStreamTruncated},
      {"closed inside a chunk",
       {{chunked + "3\r\non"}, End::kClose},
       Reason::kStreamTruncated},
      {"a chunk without size",
       {{chunked + "zz\r\none\r\n"}, End::kClose},
       Reason::kStreamTruncated},
      {"only an interim response",
       {{"HTTP/1.1 100 Continue\r\n\r\n"}, End::kClose},
       Reason::kUpstreamConnect},
      {"no HTTP at all",
       {{"SSH-2.0-OpenSSH_9.2\r\n"}, End::kClose},
       Reason::kUpstreamMalformed},
      {"headers without end",
       {{"HTTP/1.1 200 OK\r\nA: " + std::string(200'000, 'a')}, End::kClose},
       Reason::kUpstreamMalformed},
      {"headers without number",
       {{"HTTP/1.1 200 OK\r\n" +
         [] {
           std::string many;
           while (many.size() < 100'000) many += "Name: value\r\n";
           return many;
         }()},
        End::kWaitForClient},
       Reason::kUpstreamMalformed},
  };
  for (const Failure& failure : failures) {
    TestServer server([&](const Request&) { return failure.reply; });
    Client client(GetParam());
    Recorder recorder;
    client.Fetch(client.MakeRequest(server.Url("/")), recorder);
    ASSERT_FALSE(recorder.result->ok()) << failure.what;
    EXPECT_EQ(ReasonOf(*recorder.result), failure.reason)
        << failure.what << ": " << *recorder.result;
    EXPECT_THAT(std::string(recorder.result->message()),
                HasSubstr(absl::StrCat("127.0.0.1:", server.port())))
        << failure.what;
    EXPECT_THAT(recorder.result->ToString(), Not(HasSubstr("secret")));
    EXPECT_EQ(recorder.done_calls, 1);
  }
}

// A port of the loopback on which nobody answers.
int ListenWithoutAccepting(boost::asio::ip::tcp::acceptor& acceptor) {
  using boost::asio::ip::tcp;
  acceptor.open(tcp::v4());
  acceptor.bind({boost::asio::ip::address_v4::loopback(), 0});
  acceptor.listen();
  return acceptor.local_endpoint().port();
}

TEST_P(TransportFailureTest, ARefusedConnectionIsUpstreamConnect) {
  boost::asio::io_context context;
  boost::asio::ip::tcp::acceptor acceptor(context);
  const int port = ListenWithoutAccepting(acceptor);
  acceptor.close();
  Client client(GetParam());
  Recorder recorder;
  client.Fetch(client.MakeRequest(absl::StrCat("http://127.0.0.1:", port)),
               recorder);
  EXPECT_EQ(ReasonOf(*recorder.result), Reason::kUpstreamConnect);
}

TEST_P(TransportFailureTest, AnUnknownHostIsUpstreamConnect) {
  Client client(GetParam());
  Recorder recorder;
  client.Fetch(client.MakeRequest("http://no-such-host.invalid/"), recorder);
  EXPECT_EQ(ReasonOf(*recorder.result), Reason::kUpstreamConnect);
  EXPECT_THAT(std::string(recorder.result->message()),
              HasSubstr("no-such-host.invalid:80"));
}

TEST_P(TransportFailureTest, ASilentPeerIsConnectTimeoutWhileConnecting) {
  boost::asio::io_context context;
  boost::asio::ip::tcp::acceptor acceptor(context);
  const int port = ListenWithoutAccepting(acceptor);
  Client client(GetParam());
  Recorder recorder;
  // The kernel accepts, but nobody speaks TLS.
  HttpRequest request =
      client.MakeRequest(absl::StrCat("https://127.0.0.1:", port));
  request.connect_timeout = absl::Milliseconds(20);
  client.Fetch(std::move(request), recorder);
  EXPECT_EQ(ReasonOf(*recorder.result), Reason::kConnectTimeout);
  EXPECT_THAT(std::string(recorder.result->message()), HasSubstr("20ms"));
}

TEST_P(TransportFailureTest, WhoWaitsForAnothersConnectionTimesOutItself) {
  boost::asio::io_context context;
  boost::asio::ip::tcp::acceptor acceptor(context);
  const int port = ListenWithoutAccepting(acceptor);
  Client client(GetParam());
  const auto send = [&](absl::Duration timeout, Recorder& recorder) {
    HttpRequest request =
        client.MakeRequest(absl::StrCat("https://127.0.0.1:", port));
    request.connect_timeout = timeout;
    return client.transport->Send(std::move(request), recorder);
  };
  Recorder patient, hasty;
  hasty.on_done = [&] { client.loop.Stop(); };
  const auto first = send(absl::Minutes(1), patient);
  const auto second = send(absl::Milliseconds(20), hasty);
  client.loop.Run();
  EXPECT_EQ(ReasonOf(*hasty.result), Reason::kConnectTimeout);
  EXPECT_FALSE(patient.result.has_value());
}

TEST_P(TransportFailureTest, TheConnectTimeoutDoesNotHoldOnceConnected) {
  TestServer server([](const Request&) {
    return Reply{{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "ok"}};
  });
  Client client(GetParam());
  Recorder recorder;
  HttpRequest request = client.MakeRequest(server.Url("/"));
  request.connect_timeout = absl::Milliseconds(20);
  const auto later =
      client.loop.RunAfter(absl::Milliseconds(60), [&] { server.Continue(); });
  client.Fetch(std::move(request), recorder);
  EXPECT_EQ(*recorder.result, absl::OkStatus());
}

TEST_P(TransportFailureTest, WhatCannotBeSentIsInternalAndSaidLater) {
  Client client(GetParam());
  const HttpRequest good = client.MakeRequest("http://127.0.0.1:1/");
  HttpRequest injected = good;
  injected.headers.emplace_back("x", "a\r\nevil: secret");
  HttpRequest other_protocol = good;
  other_protocol.url = "file:///etc/passwd";
  HttpRequest no_url = good;
  no_url.url = "http://";
  for (const HttpRequest& bad : {injected, other_protocol, no_url}) {
    Recorder recorder;
    client.Fetch(bad, recorder);
    ASSERT_FALSE(recorder.result->ok()) << bad.url;
    EXPECT_EQ(ReasonOf(*recorder.result), Reason::kInternal)
        << *recorder.result;
    EXPECT_THAT(recorder.result->ToString(), Not(HasSubstr("secret")));
  }
}

OVER_BOTH_TRANSPORTS(TransportFailureTest);

}  // namespace
}  // namespace holysheep
