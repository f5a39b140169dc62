// Connections that die while nobody uses them.
#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "http/client.h"
#include "http/test_server.h"

namespace holysheep {
namespace {

using End = TestServer::Reply::End;
using Reply = TestServer::Reply;
using Request = TestServer::Request;

// Whose connections all answer once and then only hang up.
class OneAnswerEach {
 public:
  OneAnswerEach()
      : server_([this](const Request& request) {
          ++requests_;
          const bool first = request.connection > served_;
          served_ = std::max(served_, request.connection);
          return first ? Reply{{Response("ok")}} : Reply{{}, End::kClose};
        }) {}

  TestServer& server() { return server_; }
  int requests() const { return requests_; }

 private:
  std::atomic<int> requests_ = 0;
  int served_ = 0;
  TestServer server_;
};

Recorder Fetch(Client& client, HttpRequest request) {
  Recorder recorder;
  client.Fetch(std::move(request), recorder);
  return recorder;
}

class TransportDeathTest : public OverBothTransports {};

TEST_P(TransportDeathTest, ARequestOverADeadConnectionIsSentOnce) {
  OneAnswerEach peer;
  Client client(GetParam());
  const HttpRequest request = client.MakeRequest(peer.server().Url("/"));
  EXPECT_EQ(*Fetch(client, request).result, absl::OkStatus());
  const absl::Status died = *Fetch(client, request).result;
  EXPECT_EQ(ReasonOf(died), Reason::kUpstreamConnect) << died;
  EXPECT_TRUE(DetailsOf(died).unanswered);
  EXPECT_EQ(peer.requests(), 2);
  EXPECT_EQ(*Fetch(client, request).result, absl::OkStatus());
}

TEST_P(TransportDeathTest, AGetIsSentOnceToo) {
  OneAnswerEach peer;
  Client client(GetParam());
  HttpRequest request;
  request.method = "GET";
  request.url = peer.server().Url("/");
  EXPECT_EQ(*Fetch(client, request).result, absl::OkStatus());
  EXPECT_TRUE(DetailsOf(*Fetch(client, request).result).unanswered);
  EXPECT_EQ(peer.requests(), 2);
}

TEST_P(TransportDeathTest, AFreshConnectionIsUsedByNobodyElse) {
  OneAnswerEach peer;
  Client client(GetParam());
  HttpRequest request = client.MakeRequest(peer.server().Url("/"));
  request.fresh_connection = true;
  for (int round = 1; round <= 3; ++round) {
    EXPECT_EQ(*Fetch(client, request).result, absl::OkStatus());
    EXPECT_EQ(peer.server().connections(), round);
  }
}

TEST_P(TransportDeathTest, ANewConnectionThatDiesIsNoMatterOfConnections) {
  TestServer server([](const Request&) { return Reply{{}, End::kClose}; });
  Client client(GetParam());
  const absl::Status died =
      *Fetch(client, client.MakeRequest(server.Url("/"))).result;
  EXPECT_EQ(ReasonOf(died), Reason::kUpstreamConnect) << died;
  EXPECT_FALSE(DetailsOf(died).unanswered);
}

TEST_P(TransportDeathTest, AnAnswerThatHadBegunIsNoMatterOfConnections) {
  int requests = 0;
  TestServer server([&](const Request&) {
    return ++requests == 1
               ? Reply{{Response("ok")}}
               : Reply{{"HTTP/1.1 200 OK\r\nA: b\r\n"}, End::kClose};
  });
  Client client(GetParam());
  const HttpRequest request = client.MakeRequest(server.Url("/"));
  EXPECT_EQ(*Fetch(client, request).result, absl::OkStatus());
  const absl::Status died = *Fetch(client, request).result;
  EXPECT_EQ(ReasonOf(died), Reason::kUpstreamConnect) << died;
  EXPECT_FALSE(DetailsOf(died).unanswered);
}

// Sends a request that is never answered, and gives it up after `patience`.
void GiveUp(Client& client, const std::string& url, absl::Duration patience) {
  Recorder recorder;
  auto transfer = client.transport->Send(client.MakeRequest(url), recorder);
  const auto timer =
      client.loop.RunAfter(patience, [&] { client.loop.Stop(); });
  client.loop.Run();
  transfer.reset();
}

class SilentServerTest : public OverBothTransports {
 protected:
  // Three connections, all idle.
  SilentServerTest() {
    HttpRequest request = client_.MakeRequest(server_.Url("/"));
    request.fresh_connection = true;
    for (int i = 0; i < 3; ++i) Fetch(client_, request);
  }

  TestServer server_{[](const Request& request) {
    const bool hangs = absl::StartsWith(request.head, "POST /hang");
    return hangs ? Reply{{}, End::kWaitForClient} : Reply{{Response("ok")}};
  }};
  Client client_{GetParam()};
};

TEST_P(SilentServerTest, WhatIsAsSilentAsARequestIsNotUsedAgain) {
  GiveUp(client_, server_.Url("/hang"), absl::Milliseconds(300));
  const Recorder after = Fetch(client_, client_.MakeRequest(server_.Url("/")));
  EXPECT_EQ(*after.result, absl::OkStatus());
  EXPECT_EQ(server_.connections(), 4);
}

TEST_P(SilentServerTest, WhoHasHardlyWaitedPutsOnlyItsOwnConnectionInDoubt) {
  GiveUp(client_, server_.Url("/hang"), absl::Milliseconds(20));
  const Recorder after = Fetch(client_, client_.MakeRequest(server_.Url("/")));
  EXPECT_EQ(*after.result, absl::OkStatus());
  EXPECT_EQ(server_.connections(), 3);
}

TEST_P(SilentServerTest, WhatHasBeenHeardSinceIsUsedAgain) {
  Recorder hanging;
  auto transfer = client_.transport->Send(
      client_.MakeRequest(server_.Url("/hang")), hanging);
  const auto timer = client_.loop.RunAfter(absl::Milliseconds(300),
                                           [&] { client_.loop.Stop(); });
  client_.loop.Run();
  Fetch(client_, client_.MakeRequest(server_.Url("/")));
  transfer.reset();
  Fetch(client_, client_.MakeRequest(server_.Url("/")));
  EXPECT_EQ(server_.connections(), 3);
}

OVER_BOTH_TRANSPORTS(SilentServerTest);
OVER_BOTH_TRANSPORTS(TransportDeathTest);

}  // namespace
}  // namespace holysheep
