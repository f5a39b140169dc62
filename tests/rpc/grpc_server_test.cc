#include "rpc/grpc_server.h"

#include <grpcpp/security/server_credentials.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/worker.h"
#include "boost/asio/connect.hpp"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/local/stream_protocol.hpp"
#include "boost/asio/read.hpp"
#include "boost/asio/write.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

using boost::asio::ip::tcp;
using local = boost::asio::local::stream_protocol;
using ::testing::AllOf;
using ::testing::HasSubstr;

// What a client of HTTP/2 says first, with empty SETTINGS.
const std::string kGreeting(
    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0", 33);

class GrpcServerTest : public ::testing::Test {
 protected:
  GrpcServerTest() {
    options_.address = "127.0.0.1:0";
    options_.credentials = grpc::InsecureServerCredentials();
  }
  ~GrpcServerTest() override {
    if (server_ != nullptr) server_->Shutdown(absl::ZeroDuration());
  }

  void Start() {
    auto server = StartGrpcServer(options_, {}, *worker_, dropped_);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  tcp::socket Connect(const std::string& said = "") {
    tcp::socket socket(context_);
    socket.connect({boost::asio::ip::address_v4::loopback(),
                    static_cast<boost::asio::ip::port_type>(server_->port())});
    // The server may have left already.
    boost::system::error_code ignored;
    boost::asio::write(socket, boost::asio::buffer(said), ignored);
    return socket;
  }

  // Reads until the server closes the connection, and whether it said a thing.
  static bool AnsweredBeforeTheEnd(tcp::socket& socket) {
    std::string received;
    boost::system::error_code end;
    boost::asio::read(socket, boost::asio::dynamic_buffer(received), end);
    return !received.empty();
  }

  static bool Answers(tcp::socket& socket) {
    char byte = 0;
    boost::system::error_code error;
    return boost::asio::read(socket, boost::asio::buffer(&byte, 1), error) == 1;
  }

  boost::asio::io_context context_;
  GrpcServerOptions options_;
  const std::unique_ptr<Worker> worker_ = NewWorker(1);
  DroppedConnections dropped_;
  std::unique_ptr<GrpcServer> server_;
};

TEST_F(GrpcServerTest, AClientThatSaysNothingIsLeft) {
  options_.handshake_timeout = absl::Milliseconds(50);
  Start();
  for (const char* said : {"", "PRI * HTT"}) {
    tcp::socket socket = Connect(said);
    AnsweredBeforeTheEnd(socket);
  }
}

TEST_F(GrpcServerTest, AClientThatGivesNoSignOfLifeIsLeft) {
  options_.keepalive = absl::Milliseconds(50);
  options_.keepalive_timeout = absl::Milliseconds(50);
  Start();
  tcp::socket socket = Connect(kGreeting);
  EXPECT_TRUE(AnsweredBeforeTheEnd(socket));
}

TEST_F(GrpcServerTest, ConnectionsBeyondTheBoundAreClosed) {
  options_.max_connections = 2;
  Start();
  tcp::socket one = Connect(kGreeting);
  EXPECT_TRUE(Answers(one));
  {
    tcp::socket two = Connect(kGreeting);
    EXPECT_TRUE(Answers(two));
    tcp::socket three = Connect(kGreeting);
    EXPECT_FALSE(Answers(three));
    EXPECT_EQ(dropped_.no_room, 1);
  }
  const auto there_is_room = [this] {
    tcp::socket next = Connect(kGreeting);
    return Answers(next);
  };
  while (!there_is_room()) continue;
}

TEST_F(GrpcServerTest, ATakenAddressIsToldWithWhatToDo) {
  Start();
  options_.address = absl::StrCat("127.0.0.1:", server_->port());
  const auto second = StartGrpcServer(options_, {}, *worker_, dropped_);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()),
              AllOf(HasSubstr(options_.address), HasSubstr("another program"),
                    HasSubstr("HOLYSHEEP_LISTEN")));
}

TEST_F(GrpcServerTest, AnAddressOfAnotherMachineIsToldAsOne) {
  options_.address = "192.0.2.1:0";
  const auto server = StartGrpcServer(options_, {}, *worker_, dropped_);
  EXPECT_THAT(std::string(server.status().message()),
              HasSubstr("192.0.2.1:0: this machine does not have"));
}

TEST_F(GrpcServerTest, AHostThatIsNoneIsToldAsOne) {
  options_.address = "no-such.invalid:0";
  const auto server = StartGrpcServer(options_, {}, *worker_, dropped_);
  EXPECT_THAT(std::string(server.status().message()),
              HasSubstr("there is no such host"));
}

TEST_F(GrpcServerTest, AUnixSocketGoesWithItsServer) {
  const std::string path = testing::TempDir() + "/grpc_server_test.sock";
  options_.address = "unix:" + path;
  Start();
  EXPECT_EQ(server_->port(), 0);
  EXPECT_EQ(access(path.c_str(), F_OK), 0);
  server_->Shutdown(absl::ZeroDuration());
  server_.reset();
  EXPECT_NE(access(path.c_str(), F_OK), 0);
}

TEST_F(GrpcServerTest, AUnixSocketThatSomebodyListensAtIsTaken) {
  const std::string path = testing::TempDir() + "/grpc_server_taken.sock";
  options_.address = "unix:" + path;
  Start();
  const auto second = StartGrpcServer(options_, {}, *worker_, dropped_);
  EXPECT_EQ(second.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.status().message()),
              AllOf(HasSubstr(options_.address), HasSubstr("another program"),
                    HasSubstr("HOLYSHEEP_LISTEN")));
  local::socket client(context_);
  boost::system::error_code error;
  client.connect(local::endpoint(path), error);
  EXPECT_FALSE(error) << error.message();
}

TEST_F(GrpcServerTest, AUnixSocketThatNobodyListensAtIsReplaced) {
  const std::string path = testing::TempDir() + "/grpc_server_dead.sock";
  unlink(path.c_str());
  // The file stays.
  local::acceptor(context_, local::endpoint(path)).close();
  options_.address = "unix:" + path;
  Start();
}

TEST_F(GrpcServerTest, AUnixSocketThatTookItsPlaceStays) {
  const std::string path = testing::TempDir() + "/grpc_server_lost.sock";
  options_.address = "unix:" + path;
  Start();
  unlink(path.c_str());
  local::acceptor other(context_, local::endpoint(path));
  server_->Shutdown(absl::ZeroDuration());
  server_.reset();
  EXPECT_EQ(access(path.c_str(), F_OK), 0);
  unlink(path.c_str());
}

TEST_F(GrpcServerTest, AFileThatIsNoSocketStays) {
  const std::string path = testing::TempDir() + "/grpc_server_file.sock";
  std::ofstream(path) << "mine";
  options_.address = "unix:" + path;
  const auto server = StartGrpcServer(options_, {}, *worker_, dropped_);
  EXPECT_EQ(server.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(access(path.c_str(), F_OK), 0);
  unlink(path.c_str());
}

}  // namespace
}  // namespace holysheep
