// The transport of our own over HTTP/2. libcurl has its own tests.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "http/client.h"
#include "http/http2_server.h"

namespace holysheep {
namespace {

using ::testing::Contains;
using ::testing::Pair;
using Reply = Http2Server::Reply;
using Request = Http2Server::Request;

CurlOptions Http2() {
  CurlOptions options;
  options.http_version = HttpVersion::kHttp2;
  return options;
}

Reply Echo(const Request& request) { return {Reply::kAnswer, request.body}; }

class Http2TransportTest : public testing::Test {
 protected:
  Recorder Fetch(HttpRequest request) {
    Recorder recorder;
    client_.Fetch(std::move(request), recorder);
    return recorder;
  }
  Recorder Fetch(Http2Server& server) {
    return Fetch(client_.MakeRequest(server.Url("/")));
  }

  // What becomes of a request that is answered by `reply`.
  Recorder After(const Reply& reply) {
    Http2Server server([&](const Request&) { return reply; });
    return Fetch(server);
  }

  Client client_{TransportKind::kNative, Http2()};
};

TEST_F(Http2TransportTest, SendsTheRequestAsItIs) {
  Request seen;
  Http2Server server([&](const Request& request) {
    seen = request;
    return Reply{Reply::kAnswer, "ok", {{"x-a", "b"}}};
  });
  HttpRequest request = client_.MakeRequest(server.Url("/v1?x=1"));
  request.headers.emplace_back("X-Empty", "");
  const Recorder recorder = Fetch(std::move(request));
  EXPECT_EQ(*recorder.result, absl::OkStatus());
  EXPECT_EQ(recorder.status, 200);
  EXPECT_EQ(recorder.body, "ok");
  EXPECT_THAT(recorder.headers, testing::ElementsAre(Pair("x-a", "b")));
  EXPECT_EQ(seen.Header(":method"), "POST");
  EXPECT_EQ(seen.Header(":path"), "/v1?x=1");
  EXPECT_EQ(absl::StrCat("http://", seen.Header(":authority"), "/"),
            server.Url("/"));
  EXPECT_EQ(seen.Header("content-type"), "application/json");
  EXPECT_EQ(seen.Header("content-length"), "2");
  EXPECT_THAT(seen.headers, Contains(Pair("x-empty", "")));
  EXPECT_EQ(seen.body, "{}");
}

TEST_F(Http2TransportTest, CarriesBigBodiesBothWays) {
  Http2Server server(Echo);
  HttpRequest request = client_.MakeRequest(server.Url("/"));
  request.body = std::string(3 << 20, 'x');
  for (int round = 0; round < 2; ++round) {
    const Recorder recorder = Fetch(request);
    EXPECT_EQ(*recorder.result, absl::OkStatus());
    EXPECT_TRUE(recorder.body == request.body);
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(Http2TransportTest, OneConnectionCarriesManyCallsAtOnce) {
  Http2Server server(Echo);
  const HttpRequest request = client_.MakeRequest(server.Url("/"));
  for (int round = 0; round < 3; ++round) {
    for (const Recorder& recorder : client_.FetchAll(request, 50)) {
      EXPECT_EQ(*recorder.result, absl::OkStatus());
      EXPECT_EQ(recorder.body, "{}");
    }
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(Http2TransportTest, MoreStreamsThanAllowedTakeAnotherConnection) {
  Http2Server server(Echo, 2);
  Fetch(server);  // Only after it the limit is known.
  for (const Recorder& recorder :
       client_.FetchAll(client_.MakeRequest(server.Url("/")), 4)) {
    EXPECT_EQ(*recorder.result, absl::OkStatus());
  }
  EXPECT_GE(server.connections(), 2);
}

TEST_F(Http2TransportTest, AtTheMostConnectionsCallsWaitForAStream) {
  CurlOptions options = Http2();
  options.max_connections = 1;
  Client client(TransportKind::kNative, options);
  Http2Server server(Echo, 2);
  Recorder first;  // Only after it the limit is known.
  client.Fetch(client.MakeRequest(server.Url("/")), first);
  for (int round = 0; round < 2; ++round) {
    for (const Recorder& recorder :
         client.FetchAll(client.MakeRequest(server.Url("/")), 9)) {
      EXPECT_EQ(*recorder.result, absl::OkStatus());
    }
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(Http2TransportTest, AFreshConnectionIsANewOne) {
  Http2Server server(Echo);
  HttpRequest request = client_.MakeRequest(server.Url("/"));
  request.fresh_connection = true;
  Fetch(request);
  Fetch(request);
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(Http2TransportTest, ADestroyedTransferResetsItsStreamAtOnce) {
  Http2Server server([](const Request& request) {
    return Reply{
        request.Header(":path") == "/hang" ? Reply::kHeadOnly : Reply::kAnswer,
        "some"};
  });
  Recorder recorder;
  recorder.on_body = [&] {
    client_.loop.Stop();
    return absl::OkStatus();
  };
  auto transfer = client_.transport->Send(
      client_.MakeRequest(server.Url("/hang")), recorder);
  client_.loop.Run();
  transfer.reset();
  server.WaitForResets();
  EXPECT_EQ(recorder.done_calls, 0);
  // The peer is alive, so its connection is used again.
  EXPECT_EQ(*Fetch(server).result, absl::OkStatus());
  EXPECT_EQ(server.connections(), 1);
}

TEST_F(Http2TransportTest, WhatHasGotNoByteIsNotUsedAgain) {
  Http2Server server([](const Request& request) {
    return Reply{request.Header(":path") == "/hang" ? Reply::kNothing
                                                    : Reply::kAnswer};
  });
  Fetch(server);
  Recorder recorder;
  auto transfer = client_.transport->Send(
      client_.MakeRequest(server.Url("/hang")), recorder);
  const auto timer = client_.loop.RunAfter(absl::Milliseconds(20),
                                           [&] { client_.loop.Stop(); });
  client_.loop.Run();
  transfer.reset();
  server.WaitForResets();
  EXPECT_EQ(*Fetch(server).result, absl::OkStatus());
  EXPECT_EQ(server.connections(), 2);
}

TEST_F(Http2TransportTest, AnErrorFromOnBodyResetsTheStream) {
  Http2Server server([](const Request&) {
    return Reply{Reply::kHeadOnly, "some"};
  });
  Recorder recorder;
  recorder.on_body = [] { return absl::AbortedError("enough"); };
  client_.Fetch(client_.MakeRequest(server.Url("/")), recorder);
  EXPECT_EQ(*recorder.result, absl::AbortedError("enough"));
  server.WaitForResets();
}

TEST_F(Http2TransportTest, ARefusedStreamIsUnanswered) {
  for (const Reply::What what : {Reply::kRefuse, Reply::kLeave}) {
    const absl::Status refused = *After({what, ""}).result;
    EXPECT_EQ(ReasonOf(refused), Reason::kUpstreamConnect) << refused;
    EXPECT_TRUE(DetailsOf(refused).unanswered) << refused;
  }
}

// Some bytes each on the wire, as each repeats the one before, but 160 KB.
std::vector<std::pair<std::string, std::string>> TooMany() {
  return {40, {"big", std::string(4'000, 'x')}};
}

TEST_F(Http2TransportTest, NamesEachWayToLoseAResponse) {
  struct Failure {
    Reply reply;
    Reason reason;
  };
  for (const Failure& failure : {
           Failure{{Reply::kReset, ""}, Reason::kUpstreamConnect},
           Failure{{Reply::kClose, ""}, Reason::kUpstreamConnect},
           Failure{{Reply::kHeadReset, "some"}, Reason::kStreamTruncated},
           Failure{{Reply::kAnswer, "some", {{"content-length", "9"}}},
                   Reason::kUpstreamMalformed},
           Failure{{Reply::kAnswer, "", TooMany()}, Reason::kUpstreamMalformed},
           Failure{{Reply::kRaw, "HTTP/1.1 400 Bad Request\r\n\r\n"},
                   Reason::kUpstreamMalformed},
       }) {
    SCOPED_TRACE(failure.reply.what);
    const Recorder recorder = After(failure.reply);
    ASSERT_FALSE(recorder.result->ok()) << failure.reply.what;
    const bool truncated = failure.reply.body == "some";
    EXPECT_EQ(ReasonOf(*recorder.result),
              truncated ? Reason::kStreamTruncated : failure.reason)
        << *recorder.result;
    EXPECT_FALSE(DetailsOf(*recorder.result).unanswered);
  }
}

TEST_F(Http2TransportTest, AConnectionThatGoesAwayTakesNoNewCalls) {
  Http2Server server([](const Request& request) {
    return Reply{request.Header(":path") == "/last" ? Reply::kAnswerAndLeave
                                                    : Reply::kAnswer,
                 "ok"};
  });
  EXPECT_EQ(*Fetch(server).result, absl::OkStatus());
  const Recorder last = Fetch(client_.MakeRequest(server.Url("/last")));
  EXPECT_EQ(*last.result, absl::OkStatus());
  EXPECT_EQ(last.body, "ok");
  server.WaitForClientToLeave();
  EXPECT_EQ(*Fetch(server).result, absl::OkStatus());
  EXPECT_EQ(server.connections(), 2);
}

std::string Repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST_F(Http2TransportTest, FloodsEndTheConnection) {
  for (const std::string& flood : {
           Repeated(Frame(6, 0, 0, "12345678"), 100'000),  // PING.
           Repeated(Frame(4, 0, 0, ""), 100'000),          // SETTINGS.
           Repeated(Frame(2, 0, 1, "12345"), 100'000),     // PRIORITY.
           Frame(1, 0, 1, "") + Repeated(Frame(9, 0, 1, ""), 1'000),
       }) {
    const Recorder recorder = After({Reply::kRaw, flood});
    EXPECT_EQ(ReasonOf(*recorder.result), Reason::kUpstreamMalformed)
        << static_cast<int>(flood[3]) << *recorder.result;
  }
}

TEST_F(Http2TransportTest, OneTransferMayDestroyAndStartOthersWhileItReceives) {
  Http2Server server([](const Request& request) {
    return Reply{
        request.Header(":path") == "/hang" ? Reply::kNothing : Reply::kAnswer,
        "ok"};
  });
  Recorder hanging, first, second;
  std::unique_ptr<HttpTransfer> hanging_transfer, first_transfer,
      second_transfer;
  first.on_body = [&] {
    hanging_transfer.reset();
    second_transfer =
        client_.transport->Send(client_.MakeRequest(server.Url("/2")), second);
    return absl::OkStatus();
  };
  first.on_done = [&] { first_transfer.reset(); };
  second.on_done = [&] { client_.loop.Stop(); };
  hanging_transfer = client_.transport->Send(
      client_.MakeRequest(server.Url("/hang")), hanging);
  first_transfer =
      client_.transport->Send(client_.MakeRequest(server.Url("/1")), first);
  client_.loop.Run();
  server.WaitForResets();
  EXPECT_EQ(*first.result, absl::OkStatus());
  EXPECT_EQ(*second.result, absl::OkStatus());
  EXPECT_EQ(hanging.done_calls, 0);
  EXPECT_EQ(server.connections(), 1);
}

}  // namespace
}  // namespace holysheep
