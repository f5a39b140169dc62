#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "http/client.h"
#include "http/test_server.h"

namespace holysheep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using End = TestServer::Reply::End;
using Reply = TestServer::Reply;
using Request = TestServer::Request;

class TransportTest : public OverBothTransports {};

TEST_P(TransportTest, SendsTheRequestAsItIs) {
  Request seen;
  TestServer server([&](const Request& request) {
    seen = request;
    return Reply{{Response("ok")}};
  });
  Client client(GetParam());
  Recorder recorder;
  HttpRequest request = client.MakeRequest(server.Url("/v1/chat?x=1"));
  request.headers.emplace_back("x-empty", "");
  request.body = std::string("{\0}", 3);
  client.Fetch(std::move(request), recorder);
  EXPECT_EQ(*recorder.result, absl::OkStatus());
  EXPECT_THAT(seen.head, HasSubstr("POST /v1/chat?x=1 HTTP/1.1\r\n"));
  EXPECT_THAT(seen.head, HasSubstr("content-type: application/json\r\n"));
  EXPECT_THAT(seen.head, HasSubstr("x-empty:\r\n"));
  EXPECT_THAT(seen.head, Not(HasSubstr("Accept-Encoding")));
  EXPECT_EQ(seen.body, std::string("{\0}", 3));
}

TEST_P(TransportTest, AGetHasNoBody) {
  Request seen;
  TestServer server([&](const Request& request) {
    seen = request;
    return Reply{{Response("ok")}};
  });
  Client client(GetParam());
  Recorder recorder;
  HttpRequest request;
  request.method = "GET";
  request.url = server.Url("/v1/models");
  client.Fetch(std::move(request), recorder);
  EXPECT_EQ(*recorder.result, absl::OkStatus());
  EXPECT_THAT(seen.head, HasSubstr("GET /v1/models HTTP/1.1\r\n"));
  EXPECT_THAT(seen.head, Not(HasSubstr("Content-")));
}

TEST_P(TransportTest, GivesTheStatusTheHeadersAndTheBody) {
  TestServer server([](const Request&) {
    return Reply{
        {"HTTP/1.1 429 Slow Down\r\nRetry-After: 7\r\n"
         "Content-Length: 5\r\n\r\nlater"}};
  });
  Client client(GetParam());
  Recorder recorder;
  client.Fetch(client.MakeRequest(server.Url("/")), recorder);
  EXPECT_EQ(*recorder.result, absl::OkStatus());
  EXPECT_EQ(recorder.status, 429);
  EXPECT_THAT(recorder.headers, ElementsAre(Pair("retry-after", "7"),
                                            Pair("content-length", "5")));
  EXPECT_EQ(recorder.body, "later");
}

TEST_P(TransportTest, GivesEachPartOfAStreamAsItComes) {
  TestServer server([](const Request&) {
    return Reply{{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                  "3\r\none\r\n", "3\r\ntwo\r\n", "0\r\nTrailer: x\r\n\r\n"}};
  });
  Client client(GetParam());
  Recorder recorder;
  std::vector<std::string> seen;
  // The server goes on only when what it has sent so far has arrived.
  recorder.on_headers = [&] { server.Continue(); };
  recorder.on_body = [&] {
    seen.push_back(recorder.body);
    server.Continue();
    return absl::OkStatus();
  };
  client.Fetch(client.MakeRequest(server.Url("/")), recorder);
  EXPECT_EQ(*recorder.result, absl::OkStatus());
  EXPECT_THAT(seen, ElementsAre("one", "onetwo"));
  EXPECT_EQ(recorder.headers_calls, 1);
}

TEST_P(TransportTest, InterimResponsesAreNotTheResponse) {
  TestServer server([](const Request&) {
    return Reply{
        {"HTTP/1.1 100 Continue\r\n\r\n"
         "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" +
         Response("ok")}};
  });
  Client client(GetParam());
  Recorder recorder;
  client.Fetch(client.MakeRequest(server.Url("/")), recorder);
  EXPECT_EQ(recorder.headers_calls, 1);
  EXPECT_EQ(recorder.status, 200);
  EXPECT_THAT(recorder.headers, ElementsAre(Pair("content-length", "2")));
}

TEST_P(TransportTest, RedirectsAreNotFollowed) {
  TestServer server([](const Request&) {
    return Reply{
        {"HTTP/1.1 307 Temporary Redirect\r\nLocation: /else\r\n"
         "Content-Length: 0\r\n\r\n"}};
  });
  Client client(GetParam());
  Recorder recorder;
  client.Fetch(client.MakeRequest(server.Url("/")), recorder);
  EXPECT_EQ(*recorder.result, absl::OkStatus());
  EXPECT_EQ(recorder.status, 307);
}

TEST_P(TransportTest, CarriesBigBodiesBothWays) {
  const std::string big(3 << 20, 'x');
  TestServer server([](const Request& request) {
    EXPECT_THAT(request.head, Not(HasSubstr("Expect")));
    return Reply{{Response(request.body)}};
  });
  Client client(GetParam());
  Recorder recorder;
  HttpRequest request = client.MakeRequest(server.Url("/"));
  request.body = big;
  client.Fetch(std::move(request), recorder);
  EXPECT_EQ(*recorder.result, absl::OkStatus());
  EXPECT_TRUE(recorder.body == big);
}

TEST_P(TransportTest, AResponseWithoutLengthEndsWithItsConnection) {
  TestServer server([](const Request&) {
    return Reply{{"HTTP/1.1 200 OK\r\n\r\nall"}, End::kClose};
  });
  Client client(GetParam());
  Recorder recorder;
  client.Fetch(client.MakeRequest(server.Url("/")), recorder);
  EXPECT_EQ(*recorder.result, absl::OkStatus());
  EXPECT_EQ(recorder.body, "all");
}

TEST_P(TransportTest, AnErrorFromOnBodyEndsTheTransferWithIt) {
  TestServer server([](const Request&) {
    return Reply{{"HTTP/1.1 200 OK\r\n\r\nsome"}, End::kWaitForClient};
  });
  Client client(GetParam());
  Recorder recorder;
  recorder.on_body = [] { return absl::AbortedError("enough"); };
  client.Fetch(client.MakeRequest(server.Url("/")), recorder);
  EXPECT_EQ(*recorder.result, absl::AbortedError("enough"));
  server.WaitForClientToLeave();
}

TEST_P(TransportTest, DestroyingATransferClosesItsConnectionSilently) {
  TestServer server([](const Request&) {
    return Reply{{"HTTP/1.1 200 OK\r\n\r\nsome"}, End::kWaitForClient};
  });
  Client client(GetParam());
  Recorder recorder;
  recorder.on_body = [&] {
    client.loop.Stop();
    return absl::OkStatus();
  };
  auto transfer =
      client.transport->Send(client.MakeRequest(server.Url("/")), recorder);
  client.loop.Run();
  transfer.reset();
  server.WaitForClientToLeave();
  EXPECT_EQ(recorder.done_calls, 0);
}

TEST_P(TransportTest, ATransferDestroyedBeforeItStartedIsNeverSent) {
  int requests = 0;
  TestServer server([&](const Request&) {
    ++requests;
    return Reply{{Response("ok")}};
  });
  Client client(GetParam());
  Recorder abandoned;
  client.transport->Send(client.MakeRequest(server.Url("/")), abandoned);
  Recorder recorder;
  client.Fetch(client.MakeRequest(server.Url("/")), recorder);
  EXPECT_EQ(abandoned.done_calls, 0);
  EXPECT_EQ(requests, 1);
}

TEST_P(TransportTest, OneTransferMayDestroyAndStartOthersWhileItReceives) {
  TestServer server([](const Request& request) {
    const bool hangs = absl::StartsWith(request.head, "POST /hang");
    return hangs ? Reply{{}, End::kWaitForClient} : Reply{{Response("ok")}};
  });
  Client client(GetParam());
  Recorder hanging, first, second, dropped;
  std::unique_ptr<HttpTransfer> hanging_transfer, second_transfer;
  first.on_body = [&] {
    hanging_transfer.reset();
    second_transfer =
        client.transport->Send(client.MakeRequest(server.Url("/2")), second);
    client.transport->Send(client.MakeRequest(server.Url("/3")), dropped);
    return absl::OkStatus();
  };
  second.on_done = [&] { client.loop.Stop(); };
  hanging_transfer =
      client.transport->Send(client.MakeRequest(server.Url("/hang")), hanging);
  const auto first_transfer =
      client.transport->Send(client.MakeRequest(server.Url("/1")), first);
  client.loop.Run();
  server.WaitForClientToLeave();
  EXPECT_EQ(*first.result, absl::OkStatus());
  EXPECT_EQ(*second.result, absl::OkStatus());
  EXPECT_EQ(hanging.done_calls + dropped.done_calls, 0);
}

TEST_P(TransportTest, OnDoneMayDestroyTheTransferAndStartTheNext) {
  TestServer server([](const Request&) { return Reply{{Response("ok")}}; });
  Client client(GetParam());
  std::unique_ptr<HttpTransfer> transfer;
  Recorder recorder;
  recorder.on_done = [&] {
    transfer.reset();
    if (recorder.done_calls == 10) return client.loop.Stop();
    transfer =
        client.transport->Send(client.MakeRequest(server.Url("/")), recorder);
  };
  transfer =
      client.transport->Send(client.MakeRequest(server.Url("/")), recorder);
  client.loop.Run();
  EXPECT_EQ(recorder.body, "okokokokokokokokokok");
}

OVER_BOTH_TRANSPORTS(TransportTest);

}  // namespace
}  // namespace holysheep
