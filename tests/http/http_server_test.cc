#include "http/server/http_server.h"

#include <semaphore>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "boost/asio/connect.hpp"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/read.hpp"
#include "boost/asio/write.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using testing::HasSubstr;
using testing::StartsWith;

// A server whose loop turns on a thread of its own, and which answers a path
// with that path; /later is answered on a later turn, /huge with 32 MiB, and
// /never is not.
class HttpServerTest : public testing::Test {
 protected:
  void Start(HttpServerOptions options = {}) {
    auto server = StartHttpServer(
        loop_, options, [this](absl::string_view path, HttpRespond respond) {
          if (path == "/never") {
            unanswered_.push_back(std::move(respond));
            return asked_.release();
          }
          HttpReply reply;
          reply.body = absl::StrCat("this is ", path);
          if (path == "/huge") {
            // More than the sockets between them take.
            reply.body = std::string(size_t{32} << 20, 'x');
            asked_.release();
          }
          if (path != "/later") return respond(std::move(reply));
          loop_.Post([respond = std::move(respond), reply]() mutable {
            respond(std::move(reply));
          });
        });
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    turning_ = std::thread([this] { loop_.Run(); });
  }
  ~HttpServerTest() override {
    loop_.Stop();
    if (turning_.joinable()) turning_.join();
  }

  tcp::socket Connect() {
    tcp::socket socket(context_);
    socket.connect({asio::ip::make_address("127.0.0.1"),
                    static_cast<asio::ip::port_type>(server_->port())});
    return socket;
  }

  // All that the server says until it closes.
  std::string Ask(const std::string& text) {
    tcp::socket socket = Connect();
    asio::write(socket, asio::buffer(text));
    return Rest(socket);
  }
  static std::string Rest(tcp::socket& socket) {
    std::string answer;
    boost::system::error_code end;
    asio::read(socket, asio::dynamic_buffer(answer), end);
    return answer;
  }

  AsioLoop loop_;
  std::vector<HttpRespond> unanswered_;
  std::counting_semaphore<> asked_{0};
  std::unique_ptr<HttpServer> server_;
  std::thread turning_;
  asio::io_context context_;
};

TEST_F(HttpServerTest, AnswersAGet) {
  Start();
  const std::string answer =
      Ask("GET /here?and=now HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(answer, testing::EndsWith("\r\n\r\nthis is /here"));
}

TEST_F(HttpServerTest, AnswersLaterToo) {
  Start();
  EXPECT_THAT(Ask("GET /later HTTP/1.1\r\nConnection: close\r\n\r\n"),
              HasSubstr("this is /later"));
}

TEST_F(HttpServerTest, KeepsAConnectionForTheNextRequest) {
  Start();
  const std::string answer =
      Ask("GET /one HTTP/1.1\r\n\r\n"
          "GET /two HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("this is /one"));
  EXPECT_THAT(answer, HasSubstr("this is /two"));
}

TEST_F(HttpServerTest, RefusesWhatIsNoPlainGet) {
  Start();
  EXPECT_THAT(Ask("POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx"),
              StartsWith("HTTP/1.1 405"));
  EXPECT_THAT(Ask("GET / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx"),
              StartsWith("HTTP/1.1 413"));
  EXPECT_THAT(Ask("GET / HTTP/1.1\r\nX: " + std::string(9000, 'x') + "\r\n"),
              StartsWith("HTTP/1.1 431"));
  EXPECT_THAT(Ask("this is no HTTP\r\n\r\n"), StartsWith("HTTP/1.1 400"));
}

TEST_F(HttpServerTest, ASlowClientIsNotWaitedFor) {
  HttpServerOptions options;
  options.request_timeout = absl::Milliseconds(50);
  Start(options);
  tcp::socket socket = Connect();
  asio::write(socket, asio::buffer(std::string("GET / HT")));
  EXPECT_EQ(Rest(socket), "");
}

TEST_F(HttpServerTest, WhoWaitsForAnAnswerMakesRoomForTheNext) {
  HttpServerOptions options;
  options.max_connections = 2;
  Start(options);
  std::vector<tcp::socket> held;
  for (int i = 0; i < 2; ++i) {
    held.push_back(Connect());
    asio::write(held[i],
                asio::buffer(std::string("GET /never HTTP/1.1\r\n\r\n")));
    asked_.acquire();
  }
  EXPECT_THAT(Ask("GET /x HTTP/1.1\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(Rest(held[0]), "");
}

TEST_F(HttpServerTest, AnAnswerThatComesAfterItsConnectionIsDropped) {
  HttpServerOptions options;
  options.max_connections = 1;
  Start(options);
  tcp::socket held = Connect();
  asio::write(held, asio::buffer(std::string("GET /never HTTP/1.1\r\n\r\n")));
  asked_.acquire();
  const std::string request = "GET /x HTTP/1.1\r\nConnection: close\r\n\r\n";
  EXPECT_THAT(Ask(request), StartsWith("HTTP/1.1 200"));
  loop_.Post([this] { unanswered_[0](HttpReply()); });
  EXPECT_THAT(Ask(request), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(Rest(held), "");
}

TEST_F(HttpServerTest, WhoReadsNoAnswersMakesRoomForTheNext) {
  HttpServerOptions options;
  options.max_connections = 4;
  Start(options);
  std::vector<tcp::socket> held;
  for (int i = 0; i < 4; ++i) {
    held.push_back(Connect());
    asio::write(held[i],
                asio::buffer(std::string("GET /huge HTTP/1.1\r\n\r\n")));
    asked_.acquire();
  }
  EXPECT_THAT(Ask("GET /x HTTP/1.1\r\nConnection: close\r\n\r\n"),
              StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServerTest, WhoKeepsARequestBackMakesRoomForTheNext) {
  HttpServerOptions options;
  options.max_connections = 2;
  Start(options);
  tcp::socket slowest = Connect();
  asio::write(slowest, asio::buffer(std::string("GET / HT")));
  tcp::socket slow = Connect();
  tcp::socket next = Connect();
  asio::write(next, asio::buffer(std::string(
                        "GET /x HTTP/1.1\r\nConnection: close\r\n\r\n")));
  EXPECT_THAT(Rest(next), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(Rest(slowest), "");
}

TEST_F(HttpServerTest, ATakenPortIsNamed) {
  Start();
  HttpServerOptions options;
  options.port = server_->port();
  const auto second =
      StartHttpServer(loop_, options, [](absl::string_view, HttpRespond) {});
  EXPECT_THAT(std::string(second.status().message()),
              HasSubstr(absl::StrCat("127.0.0.1:", server_->port())));
}

TEST_F(HttpServerTest, MayGoWhileSomeoneAsks) {
  Start();
  tcp::socket socket = Connect();
  asio::write(socket, asio::buffer(std::string("GET / HT")));
  loop_.Post([this] { server_.reset(); });
  EXPECT_EQ(Rest(socket), "");
}

}  // namespace
}  // namespace holysheep
