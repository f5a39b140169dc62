#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "http/client.h"
#include "http/test_server.h"

namespace holysheep {
namespace {

using End = TestServer::Reply::End;
using Reply = TestServer::Reply;
using Request = TestServer::Request;

class TransportReuseTest : public OverBothTransports {};

TEST_P(TransportReuseTest, OneConnectionCarriesOneTransferAfterTheOther) {
  TestServer server(
      [](const Request& request) { return Reply{{Response(request.body)}}; });
  Client client(GetParam());
  for (int round = 0; round < 20; ++round) {
    Recorder recorder;
    HttpRequest request = client.MakeRequest(server.Url("/"));
    request.body = absl::StrCat("round ", round);
    client.Fetch(std::move(request), recorder);
    EXPECT_EQ(recorder.body, absl::StrCat("round ", round));
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST_P(TransportReuseTest, TransfersBeyondTheConnectionsWaitForTheirTurn) {
  TestServer server([](const Request&) { return Reply{{Response("ok")}}; });
  CurlOptions options;
  options.max_connections = 2;
  Client client(GetParam(), options);
  for (const Recorder& recorder :
       client.FetchAll(client.MakeRequest(server.Url("/")), 20)) {
    EXPECT_EQ(*recorder.result, absl::OkStatus());
  }
  EXPECT_EQ(server.connections(), 2);
}

TEST_P(TransportReuseTest, ATransferSaysWhileItWaitsForAConnection) {
  TestServer server([](const Request&) { return Reply{{"", Response("ok")}}; });
  CurlOptions options;
  options.max_connections = 1;
  Client client(GetParam(), options);
  Recorder first;
  Recorder second;
  const HttpRequest request = client.MakeRequest(server.Url("/"));
  const auto one = client.transport->Send(request, first);
  const auto two = client.transport->Send(request, second);
  const auto later = client.loop.RunAfter(absl::Milliseconds(100), [&] {
    EXPECT_FALSE(one->is_waiting());
    EXPECT_EQ(second.turns, 0);
    EXPECT_TRUE(two->is_waiting());
    server.Continue();
    server.Continue();
  });
  second.on_done = [&] { client.loop.Stop(); };
  client.loop.Run();
  EXPECT_LE(first.turns, 1);
  EXPECT_EQ(second.turns, 1);
}

TEST_P(TransportReuseTest, TheConnectTimeoutDoesNotCountTheWaitForAConnection) {
  TestServer server([](const Request&) {
    return Reply{{"HTTP/1.1 200 OK\r\nConnection: close\r\n"
                  "Content-Length: 2\r\n\r\n",
                  "ok"},
                 End::kClose};
  });
  CurlOptions options;
  options.max_connections = 1;
  Client client(GetParam(), options);
  HttpRequest request = client.MakeRequest(server.Url("/"));
  request.connect_timeout = absl::Milliseconds(100);
  const auto later = client.loop.RunAfter(absl::Milliseconds(300), [&] {
    server.Continue();
    server.Continue();
  });
  for (const Recorder& recorder : client.FetchAll(request, 2)) {
    EXPECT_EQ(*recorder.result, absl::OkStatus());
  }
  EXPECT_EQ(server.connections(), 2);
}

TEST_P(TransportReuseTest, LoadBeyondTheIdleLimitStillReusesConnections) {
  TestServer server([](const Request&) { return Reply{{Response("ok")}}; });
  CurlOptions options;
  options.keepalive_per_host = 1;
  Client client(GetParam(), options);
  constexpr int kTransfers = 8;
  constexpr int kRounds = 10;
  std::vector<Recorder> recorders(kTransfers);
  std::vector<std::unique_ptr<HttpTransfer>> transfers(kTransfers);
  int left = kTransfers * kRounds;
  for (int i = 0; i < kTransfers; ++i) {
    recorders[i].on_done = [&, i] {
      if (--left == 0) return client.loop.Stop();
      if (recorders[i].done_calls == kRounds) return;
      transfers[i] = client.transport->Send(client.MakeRequest(server.Url("/")),
                                            recorders[i]);
    };
    transfers[i] = client.transport->Send(client.MakeRequest(server.Url("/")),
                                          recorders[i]);
  }
  client.loop.Run();
  // Each of the transfers keeps its connection, give or take their endings.
  EXPECT_LE(server.connections(), 2 * kTransfers);
}

// libcurl closes a socket that is still connecting without a word about it.
TEST_P(TransportReuseTest, CancellingWhileConnectingHarmsNoOtherTransfer) {
  TestServer server([](const Request&) {
    return Reply{{Response("ok")}, End::kClose};
  });
  Client client(GetParam());
  for (int round = 0; round < 50; ++round) {
    Recorder cancelled, recorder;
    recorder.on_done = [&] { client.loop.Stop(); };
    auto first =
        client.transport->Send(client.MakeRequest(server.Url("/")), cancelled);
    std::unique_ptr<HttpTransfer> second;
    int done_before = 0;
    // After the turn on which the first began to connect. On a busy machine it
    // may have come to its end by then.
    const auto timer = client.loop.RunAfter(absl::ZeroDuration(), [&] {
      done_before = cancelled.done_calls;
      first.reset();
      second =
          client.transport->Send(client.MakeRequest(server.Url("/")), recorder);
    });
    client.loop.Run();
    ASSERT_EQ(*recorder.result, absl::OkStatus());
    ASSERT_EQ(cancelled.done_calls, done_before);
  }
}

OVER_BOTH_TRANSPORTS(TransportReuseTest);

}  // namespace
}  // namespace holysheep
