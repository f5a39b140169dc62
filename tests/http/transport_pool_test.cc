// Which connection carries which request.
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "http/client.h"
#include "http/test_server.h"

namespace holysheep {
namespace {

using ::testing::ElementsAre;
using End = TestServer::Reply::End;
using Reply = TestServer::Reply;
using Request = TestServer::Request;

class TransportPoolTest : public OverBothTransports {
 protected:
  static CurlOptions AtMost(int64_t connections) {
    CurlOptions options;
    options.max_connections = connections;
    return options;
  }

  // Runs the loop for a while, in which it notices what peers have done.
  static void Idle(Client& client) {
    const auto timer = client.loop.RunAfter(absl::Milliseconds(50),
                                            [&] { client.loop.Stop(); });
    client.loop.Run();
  }

  static Recorder Fetch(Client& client, HttpRequest request) {
    Recorder recorder;
    client.Fetch(std::move(request), recorder);
    return recorder;
  }
};

TEST_P(TransportPoolTest, AConnectionThatThePeerClosesWhileIdleIsNotUsed) {
  TestServer server([](const Request&) {
    return Reply{{Response("ok")}, End::kClose};
  });
  Client client(GetParam());
  for (int round = 1; round <= 3; ++round) {
    EXPECT_EQ(*Fetch(client, client.MakeRequest(server.Url("/"))).result,
              absl::OkStatus());
    Idle(client);
    EXPECT_EQ(server.connections(), round);
  }
}

TEST_P(TransportPoolTest, WaitingRequestsAreServedInTheirOrder) {
  std::vector<std::string> seen;
  TestServer server([&](const Request& request) {
    seen.push_back(request.head.substr(0, request.head.find(" HTTP")));
    return Reply{{Response("ok")}};
  });
  Client client(GetParam(), AtMost(1));
  std::vector<Recorder> recorders(4);
  std::vector<std::unique_ptr<HttpTransfer>> transfers;
  for (int i = 0; i < 4; ++i) {
    transfers.push_back(client.transport->Send(
        client.MakeRequest(server.Url(absl::StrCat("/", i))), recorders[i]));
  }
  recorders[3].on_done = [&] { client.loop.Stop(); };
  client.loop.Run();
  EXPECT_THAT(seen, ElementsAre("POST /0", "POST /1", "POST /2", "POST /3"));
}

TEST_P(TransportPoolTest, AnIdleConnectionGivesWayToAnotherHost) {
  const auto ok = [](const Request&) { return Reply{{Response("ok")}}; };
  TestServer one(ok), other(ok);
  Client client(GetParam(), AtMost(1));
  for (TestServer* server : {&one, &other, &one}) {
    EXPECT_EQ(*Fetch(client, client.MakeRequest(server->Url("/"))).result,
              absl::OkStatus());
  }
  EXPECT_EQ(one.connections(), 2);
}

TEST_P(TransportPoolTest, ARequestThatIsGivenUpWhileItWaitsIsNeverSent) {
  int requests = 0;
  TestServer server([&](const Request&) {
    ++requests;
    return Reply{{"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "ok"}};
  });
  Client client(GetParam(), AtMost(1));
  Recorder first, second, third;
  const HttpRequest request = client.MakeRequest(server.Url("/"));
  const auto one = client.transport->Send(request, first);
  auto two = client.transport->Send(request, second);
  const auto three = client.transport->Send(request, third);
  first.on_headers = [&] {
    two.reset();
    server.Continue();
  };
  third.on_headers = [&] { server.Continue(); };
  third.on_done = [&] { client.loop.Stop(); };
  client.loop.Run();
  EXPECT_EQ(second.done_calls, 0);
  EXPECT_EQ(requests, 2);
}

TEST_P(TransportPoolTest, AnAnswerThatSaysCloseEndsItsConnection) {
  TestServer server([](const Request&) {
    return Reply{{"HTTP/1.1 200 OK\r\nConnection: close\r\n"
                  "Content-Length: 0\r\n\r\n"},
                 End::kWaitForClient};
  });
  Client client(GetParam());
  Fetch(client, client.MakeRequest(server.Url("/")));
  server.WaitForClientToLeave();
}

TEST_P(TransportPoolTest, AnswersWithoutABodyKeepTheirConnection) {
  TestServer server([](const Request& request) {
    return Reply{{absl::StrCat(request.body, "\r\n\r\n")}};
  });
  Client client(GetParam());
  for (const char* head :
       {"HTTP/1.1 204 No Content", "HTTP/1.1 304 Not Modified\r\nA: b"}) {
    HttpRequest request = client.MakeRequest(server.Url("/"));
    request.body = head;
    EXPECT_EQ(*Fetch(client, std::move(request)).result, absl::OkStatus());
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST_P(TransportPoolTest, ANameIsLookedUpAndEachOfItsAddressesTried) {
  TestServer server([](const Request&) { return Reply{{Response("ok")}}; });
  Client client(GetParam());
  // It may stand for ::1 as well, where nobody listens.
  for (int round = 0; round < 2; ++round) {
    HttpRequest request = client.MakeRequest(
        absl::StrCat("http://localhost:", server.port(), "/"));
    request.fresh_connection = true;
    EXPECT_EQ(*Fetch(client, std::move(request)).result, absl::OkStatus());
  }
}

TEST_P(TransportPoolTest, ALookUpMayBeGivenUp) {
  TestServer server([](const Request&) { return Reply{{Response("ok")}}; });
  Client client(GetParam());
  const HttpRequest request =
      client.MakeRequest(absl::StrCat("http://localhost:", server.port(), "/"));
  Recorder recorder;
  auto transfer = client.transport->Send(request, recorder);
  auto other = client.transport->Send(request, recorder);
  transfer.reset();
  other.reset();
  EXPECT_EQ(*Fetch(client, request).result, absl::OkStatus());
  EXPECT_EQ(recorder.done_calls, 0);
}

OVER_BOTH_TRANSPORTS(TransportPoolTest);

// libcurl counts those in use as well.
TEST(NativePoolTest, NoMoreThanTheIdleLimitIsKept) {
  TestServer server([](const Request&) { return Reply{{Response("ok")}}; });
  CurlOptions options;
  options.keepalive_per_host = 1;
  options.idle_grace = absl::ZeroDuration();
  Client client(TransportKind::kNative, options);
  HttpRequest request = client.MakeRequest(server.Url("/"));
  request.fresh_connection = true;
  client.FetchAll(request, 4);
  const auto turn =
      client.loop.RunAfter(absl::Milliseconds(1), [&] { client.loop.Stop(); });
  client.loop.Run();
  request.fresh_connection = false;
  client.FetchAll(request, 4);
  EXPECT_EQ(server.connections(), 7);
}

// A burst ends all at once, and the next one finds its connections.
TEST(NativePoolTest, MoreThanTheIdleLimitAreKeptForAMoment) {
  TestServer server([](const Request&) { return Reply{{Response("ok")}}; });
  CurlOptions options;
  options.keepalive_per_host = 1;
  Client client(TransportKind::kNative, options);
  for (int burst = 0; burst < 3; ++burst) {
    client.FetchAll(client.MakeRequest(server.Url("/")), 8);
  }
  EXPECT_EQ(server.connections(), 8);
}

// A server that answers after the head of a request, and reads the rest.
class HastyServer {
 public:
  HastyServer()
      : acceptor_(context_, {boost::asio::ip::address_v4::loopback(), 0}),
        thread_([this] { Serve(); }) {}
  ~HastyServer() { thread_.join(); }

  int port() const { return acceptor_.local_endpoint().port(); }

 private:
  void Serve() {
    boost::asio::ip::tcp::socket socket = acceptor_.accept();
    std::string buffer(16'384, '\0');
    boost::system::error_code error;
    socket.read_some(boost::asio::buffer(buffer), error);
    const std::string answer =
        "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n";
    socket.write_some(boost::asio::buffer(answer), error);
    while (!error) socket.read_some(boost::asio::buffer(buffer), error);
  }

  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::thread thread_;
};

// libcurl sends the rest first.
TEST(NativePoolTest, AnAnswerBeforeTheEndOfTheRequestIsTheAnswer) {
  HastyServer server;
  Client client(TransportKind::kNative);
  HttpRequest request =
      client.MakeRequest(absl::StrCat("http://127.0.0.1:", server.port()));
  request.body = std::string(20 << 20, 'x');
  Recorder recorder;
  client.Fetch(std::move(request), recorder);
  EXPECT_EQ(*recorder.result, absl::OkStatus());
  EXPECT_EQ(recorder.status, 413);
}

TEST(NativePoolTest, TheAnswerToHeadHasNoBody) {
  TestServer server([](const Request&) {
    return Reply{{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"}};
  });
  Client client(TransportKind::kNative);
  HttpRequest request;
  request.method = "HEAD";
  request.url = server.Url("/");
  for (int round = 0; round < 2; ++round) {
    Recorder recorder;
    client.Fetch(request, recorder);
    EXPECT_EQ(*recorder.result, absl::OkStatus());
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST(NativePoolTest, ABodyComesInPiecesOfABoundedSize) {
  TestServer server([](const Request&) {
    return Reply{{Response(std::string(3 << 20, 'x'))}};
  });
  Client client(TransportKind::kNative);
  Recorder recorder;
  size_t seen = 0;
  recorder.on_body = [&] {
    EXPECT_LE(recorder.body.size() - seen, 16'384);
    seen = recorder.body.size();
    return absl::OkStatus();
  };
  client.Fetch(client.MakeRequest(server.Url("/")), recorder);
  EXPECT_EQ(seen, 3 << 20);
}

TEST(NativePoolTest, AnAnswerThatNobodyAskedForEndsItsConnection) {
  TestServer server([](const Request&) {
    return Reply{{Response("ok") + Response("more")}, End::kWaitForClient};
  });
  Client client(TransportKind::kNative);
  Recorder recorder;
  client.Fetch(client.MakeRequest(server.Url("/")), recorder);
  EXPECT_EQ(recorder.body, "ok");
  server.WaitForClientToLeave();
}

}  // namespace
}  // namespace holysheep
