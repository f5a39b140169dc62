#include "net/unanswered_bytes.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>

#include "gtest/gtest.h"

namespace holysheep {
namespace {

TEST(UnansweredBytesTest, IsWhatCameSinceTheLastAnswer) {
  UnansweredBytes unanswered;
  const absl::Time now = absl::UnixEpoch();
  unanswered.Update({.sent = 0, .taken = 100}, now);
  EXPECT_EQ(unanswered.bytes(), 0u);
  unanswered.Update({.sent = 0, .taken = 200}, now);
  EXPECT_EQ(unanswered.bytes(), 100u);
  unanswered.Update({.sent = 50, .taken = 300}, now);
  EXPECT_EQ(unanswered.bytes(), 0u);
  unanswered.Update({.sent = 50, .taken = 1000}, now);
  EXPECT_EQ(unanswered.bytes(), 700u);
}

TEST(UnansweredBytesTest, LessThanAtTheLastAnswerIsNothing) {
  UnansweredBytes unanswered;
  unanswered.Update({.sent = 1, .taken = 100}, absl::UnixEpoch());
  unanswered.Update({.sent = 1, .taken = 90}, absl::UnixEpoch());
  EXPECT_EQ(unanswered.bytes(), 0u);
}

TEST(UnansweredBytesTest, LastsOnceThereWasNoAnswerFor300Milliseconds) {
  UnansweredBytes unanswered;
  const absl::Time start = absl::UnixEpoch();
  unanswered.Update({.sent = 1}, start);
  unanswered.Update({.sent = 1}, start + absl::Milliseconds(299));
  EXPECT_FALSE(unanswered.lasts());
  unanswered.Update({.sent = 1}, start + absl::Milliseconds(300));
  EXPECT_TRUE(unanswered.lasts());
  unanswered.Update({.sent = 2}, start + absl::Milliseconds(600));
  EXPECT_FALSE(unanswered.lasts());
}

// Both ends of a connection over loopback.
struct Connection {
  Connection() {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* where = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listener, where, size), 0);
    EXPECT_EQ(listen(listener, 1), 0);
    getsockname(listener, where, &size);
    client = socket(AF_INET, SOCK_STREAM, 0);
    EXPECT_EQ(connect(client, where, size), 0);
    server = accept(listener, nullptr, nullptr);
    close(listener);
  }
  ~Connection() {
    close(client);
    close(server);
  }
  int client = -1;
  int server = -1;
};

TEST(TrafficTest, TellsWhatWentOverTheConnectionAndWasRead) {
  const Connection connection;
  const std::string message(1000, 'a');
  ASSERT_EQ(send(connection.client, message.data(), 1000, 0), 1000);
  std::array<char, 400> piece;
  ASSERT_EQ(recv(connection.server, piece.data(), 400, MSG_WAITALL), 400);
  ASSERT_EQ(send(connection.server, message.data(), 30, 0), 30);
  const std::optional<Traffic> traffic = TrafficOf(connection.server);
  ASSERT_TRUE(traffic.has_value());
  EXPECT_EQ(traffic->taken, 400u);
  EXPECT_EQ(traffic->sent, 30u);
}

TEST(TrafficTest, KnowsNothingOfOtherFiles) {
  std::array<int, 2> ends;
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0);
  EXPECT_FALSE(TrafficOf(ends[0]).has_value());
  EXPECT_FALSE(TrafficOf(-1).has_value());
  for (const int end : ends) close(end);
}

}  // namespace
}  // namespace holysheep
