#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "boost/asio/connect.hpp"
#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/read.hpp"
#include "boost/asio/write.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

// The real binary over real sockets.
namespace holysheep::sim {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string ReadLine(int fd) {
  std::string line;
  char c = 0;
  while (read(fd, &c, 1) == 1 && c != '\n') line.push_back(c);
  return line;
}

// The binary, running on a port of its own until destroyed.
class Process {
 public:
  explicit Process(std::vector<std::string> flags) {
    int out[2];
    EXPECT_EQ(pipe2(out, O_CLOEXEC), 0);
    flags.insert(flags.begin(), {HOLYSHEEP_SIM, "--listen", "127.0.0.1:0"});
    std::vector<char*> argv;
    for (std::string& flag : flags) argv.push_back(flag.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out[1], 1);
    EXPECT_EQ(posix_spawn(&pid_, HOLYSHEEP_SIM, &actions, nullptr, argv.data(),
                          environ),
              0);
    posix_spawn_file_actions_destroy(&actions);
    close(out[1]);
    first_line_ = ReadLine(out[0]);
    close(out[0]);
  }
  ~Process() {
    if (pid_ > 0) Stop(SIGKILL);
  }

  // The exit code after `signal`; -1 if it did not exit by itself.
  int Stop(int signal) {
    kill(pid_, signal);
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = 0;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }

  const std::string& first_line() const { return first_line_; }
  std::string port() const {
    return first_line_.substr(first_line_.rfind(':') + 1);
  }

 private:
  pid_t pid_ = 0;
  std::string first_line_;
};

// One client connection that blocks.
class Client {
 public:
  explicit Client(const Process& process) : socket_(io_) {
    asio::connect(socket_,
                  tcp::resolver(io_).resolve("127.0.0.1", process.port()));
  }

  void Send(absl::string_view text) {
    asio::write(socket_, asio::buffer(text.data(), text.size()));
  }
  // All until it has seen `end`, or the connection's end.
  std::string ReadUntil(absl::string_view end) {
    std::string text;
    while (!absl::EndsWith(text, end) || end.empty()) {
      char c = 0;
      if (asio::read(socket_, asio::buffer(&c, 1), error_) == 0) break;
      text.push_back(c);
    }
    return text;
  }
  std::string ReadAll() { return ReadUntil(""); }
  const boost::system::error_code& error() const { return error_; }

 private:
  asio::io_context io_;
  tcp::socket socket_;
  boost::system::error_code error_;
};

std::string Post(absl::string_view path, absl::string_view body,
                 absl::string_view headers = "") {
  return absl::StrCat("POST ", path, " HTTP/1.1\r\nHost: x\r\n", headers,
                      "Content-Length: ", body.size(), "\r\n\r\n", body);
}

std::string Chat(bool stream, absl::string_view headers = "") {
  return Post(
      "/v1/chat/completions",
      absl::StrCat("{\"model\":\"m\",\"stream\":", stream ? "true" : "false",
                   ",\"messages\":[{\"role\":\"user\",\"content\":"
                   "\"hi\"}]}"),
      headers);
}

std::string State(const Process& process) {
  Client client(process);
  client.Send("GET /_sim/state HTTP/1.1\r\nConnection: close\r\n\r\n");
  return client.ReadAll();
}

// Whether the state has `text` within a time that only a defect needs: what the
// sockets bring arrives in its own time.
bool StateGets(const Process& process, absl::string_view text) {
  const absl::Time end = absl::Now() + absl::Seconds(10);
  while (absl::Now() < end) {
    if (absl::StrContains(State(process), text)) return true;
  }
  return false;
}

TEST(SmokeTest, SaysWhereItListensAndEndsCleanly) {
  Process process({});
  EXPECT_THAT(process.first_line(), StartsWith("listening on 127.0.0.1:"));
  EXPECT_NE(process.port(), "0");
  EXPECT_EQ(process.Stop(SIGTERM), 0);
}

TEST(SmokeTest, AnswersManyRequestsOnOneConnection) {
  Process process({});
  Client client(process);
  for (int i = 0; i < 3; ++i) {
    client.Send(Chat(false));
    EXPECT_THAT(client.ReadUntil("}}}"), HasSubstr("You said: hi"));
    client.Send(Chat(true));
    EXPECT_THAT(client.ReadUntil("\r\n0\r\n\r\n"), HasSubstr("data: [DONE]"));
  }
}

TEST(SmokeTest, AnswersPipelinedRequestsInOrder) {
  Process process({"--latency", "5"});
  Client client(process);
  client.Send(absl::StrCat(Chat(false), Chat(true),
                           Chat(false, "Connection: close\r\n")));
  const std::string text = client.ReadAll();
  const std::size_t second = text.find("x-request-id: req-2");
  EXPECT_LT(text.find("x-request-id: req-1"), second);
  EXPECT_LT(second, text.find("x-request-id: req-3"));
  EXPECT_THAT(text, EndsWith("}}}"));
}

TEST(SmokeTest, ACutStreamEndsWithoutItsLastChunk) {
  Process process({"--fault", "cut:1"});
  Client client(process);
  client.Send(Chat(true));
  EXPECT_THAT(client.ReadAll(), EndsWith("\n\n\r\n"));
  EXPECT_EQ(client.error(), asio::error::eof);
}

TEST(SmokeTest, AResetIsOne) {
  Process process({"--fault", "reset"});
  Client client(process);
  client.Send(Chat(false));
  EXPECT_EQ(client.ReadAll(), "");
  EXPECT_EQ(client.error(), asio::error::connection_reset);
}

TEST(SmokeTest, AClientThatGoesAwayIsNoticed) {
  Process process({"--fault", "silent"});
  {
    Client client(process);
    client.Send(Chat(false));
    EXPECT_TRUE(StateGets(process, "\"in_flight\":1"));
  }
  EXPECT_TRUE(StateGets(
      process,
      "\"in_flight\":0,\"max_in_flight\":1,\"completed\":0,\"cancelled\":1"));
}

TEST(SmokeTest, AClientThatGoesAwayInAStreamIsNoticed) {
  Process process({"--tokens", "100", "--token-ms", "1000"});
  {
    Client client(process);
    client.Send(Chat(true));
    client.ReadUntil("\"content\":\"t1\"");
  }
  EXPECT_TRUE(StateGets(
      process,
      "\"in_flight\":0,\"max_in_flight\":1,\"completed\":0,\"cancelled\":1"));
}

TEST(SmokeTest, ARequestBeyondItsLimitsIsRefused) {
  Process process({});
  Client client(process);
  client.Send("POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n");
  EXPECT_THAT(client.ReadAll(), StartsWith("HTTP/1.1 413 "));
}

TEST(SmokeTest, AConnectionBeyondTheLimitIsClosed) {
  Process process({"--max-connections", "1"});
  Client first(process);
  first.Send(Chat(false));
  first.ReadUntil("}}}");
  Client second(process);
  EXPECT_EQ(second.ReadAll(), "");
  first.Send("GET /_sim/state HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(first.ReadAll(),
              HasSubstr("\"now\":1,\"total\":1,\"refused\":1"));
}

TEST(SmokeTest, TellsAWaitingClientToContinue) {
  Process process({});
  Client client(process);
  const std::string request = Chat(false, "Expect: 100-continue\r\n");
  const std::size_t body = request.find("\r\n\r\n") + 4;
  client.Send(request.substr(0, body));
  EXPECT_EQ(client.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send(request.substr(body));
  EXPECT_THAT(client.ReadUntil("}}}"), HasSubstr("You said: hi"));
}

TEST(SmokeTest, WrongFlagsAreRefused) {
  for (const std::vector<std::string>& flags :
       {std::vector<std::string>{"--fault", "S99"},
        {"--latency", "soon"},
        {"--require-key", "/nonexistent"},
        {"--no-such-flag"}}) {
    Process process(flags);
    EXPECT_EQ(process.first_line(), "");
    EXPECT_NE(process.Stop(0), 0);
  }
}

}  // namespace
}  // namespace holysheep::sim
