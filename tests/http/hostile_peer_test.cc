// What HTTP allows a peer, and what it does not: each costs its own call and
// bounded memory, and the next call is answered.
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "boost/asio/write.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "http/client.h"
#include "http/http2_server.h"

namespace holysheep {
namespace {

using Reply = Http2Server::Reply;
using Request = Http2Server::Request;

enum Type { kData, kHeaders, kPriority, kReset, kSettings, kPush, kPing };
enum { kGoAway = 7, kWindow = 8, kContinuation = 9 };
enum Flags { kEndStream = 1, kEndHeaders = 4 };

// `:status: 200` by HPACK's static table.
constexpr char kOk[] = "\x88";

std::string Number(uint32_t value) {
  std::string text;
  for (int shift = 24; shift >= 0; shift -= 8) {
    text.push_back(static_cast<char>(value >> shift & 0xff));
  }
  return text;
}

std::string Setting(int id, uint32_t value) {
  return Frame(
      kSettings, 0, 0,
      absl::StrCat(std::string({'\0', static_cast<char>(id)}), Number(value)));
}

std::string Head(int flags = kEndHeaders) {
  return Frame(kHeaders, flags, 1, kOk);
}

std::string Whole(absl::string_view body) {
  return Head() + Frame(kData, kEndStream, 1, body);
}

// A transfer over HTTP/2 to a server that answers the first request with
// `frames`, and then another one.
class HostilePeerTest : public testing::Test {
 protected:
  Recorder After(const std::string& frames) {
    Http2Server server([&](const Request& request) {
      return request.connection == 1 ? Reply{Reply::kRaw, frames}
                                     : Reply{Reply::kAnswer, "next"};
    });
    CurlOptions options;
    options.http_version = HttpVersion::kHttp2;
    Client client(TransportKind::kNative, options);
    HttpRequest request = client.MakeRequest(server.Url("/"));
    Recorder recorder;
    client.Fetch(request, recorder);
    Recorder next;
    request.fresh_connection = true;
    client.Fetch(std::move(request), next);
    EXPECT_EQ(next.body, "next");
    return recorder;
  }
};

TEST_F(HostilePeerTest, FramesThatHttp2ForbidsAreMalformed) {
  const std::string zeros(8, '\0');
  std::string empty = Head();
  for (int i = 0; i < 100'000; ++i) empty += Frame(kData, 0, 1, "");
  const std::vector<std::pair<const char*, std::string>> wrong = {
      {"data before the head", Frame(kData, 0, 1, "early")},
      {"data of no stream", Head() + Frame(kData, 0, 0, "x")},
      {"data of a stream that was never opened",
       Head() + Frame(kData, 0, 7, "x")},
      {"a head of a stream that was never opened",
       Frame(kHeaders, kEndHeaders, 7, kOk)},
      {"a head of no stream", Frame(kHeaders, kEndHeaders, 0, kOk)},
      {"a head that HPACK cannot read",
       Frame(kHeaders, kEndHeaders, 1, "\xff\xff\xff\xff\xff\xff")},
      {"a status that is none",
       Frame(kHeaders, kEndHeaders, 1, std::string("\x08\x03", 2) + "abc")},
      {"no status", Frame(kHeaders, kEndHeaders, 1,
                          std::string("\x00\x01", 2) + "a" + "\x01" + "b")},
      {"padding longer than its frame", Head() + Frame(kData, 8, 1,
                                                       "\xff"
                                                       "abc")},
      {"a continuation of nothing", Frame(kContinuation, kEndHeaders, 1, kOk)},
      {"another frame inside a head", Head(0) + Frame(kPing, 0, 0, zeros)},
      {"a push", Frame(kPush, kEndHeaders, 1, Number(2) + kOk)},
      {"a frame larger than allowed",
       Head() + Frame(kData, 0, 1, std::string(20'000, 'x'))},
      {"settings of a stream", Frame(kSettings, 0, 1, "")},
      {"settings of a wrong size", Frame(kSettings, 0, 0, "12345")},
      {"a window beyond 2^31", Setting(4, 0x80000000u)},
      {"a frame size below the least", Setting(5, 1)},
      {"a window that overflows", Frame(kWindow, 0, 0, Number(0x7fffffff)) +
                                      Frame(kWindow, 0, 0, Number(0x7fffffff))},
      {"a window opened by nothing", Frame(kWindow, 0, 0, Number(0))},
      {"a ping of a wrong size", Frame(kPing, 0, 0, "1")},
      {"a goodbye of a wrong size", Frame(kGoAway, 0, 0, "1")},
      {"HTTP/1.1", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"},
      {"empty data without end", empty},
      {"noise", std::string(100'000, '\xa5')},
  };
  for (const auto& [what, frames] : wrong) {
    const Recorder recorder = After(frames);
    ASSERT_TRUE(recorder.result.has_value()) << what;
    EXPECT_FALSE(recorder.result->ok()) << what;
    const Reason reason = ReasonOf(*recorder.result);
    EXPECT_TRUE(reason == Reason::kUpstreamMalformed ||
                reason == Reason::kStreamTruncated)
        << what << ": " << *recorder.result;
    EXPECT_EQ(recorder.done_calls, 1) << what;
  }
}

TEST_F(HostilePeerTest, WhatHttp2AllowsDoesNoHarm) {
  std::string piecemeal = Head();
  for (int i = 0; i < 10; ++i) piecemeal += Frame(kData, 0, 1, "");
  for (int i = 0; i < 1'000; ++i) piecemeal += Frame(kData, 0, 1, "x");
  piecemeal += Frame(kData, kEndStream, 1, "");
  std::string in_pieces = Head(0);
  in_pieces.replace(3, 1, std::string(1, kHeaders));
  const std::vector<std::pair<const char*, std::string>> allowed = {
      {"interim responses",
       Frame(kHeaders, kEndHeaders, 1, std::string("\x08\x03", 2) + "103") +
           Whole("x")},
      {"trailers", Head() + Frame(kData, 0, 1, "x") +
                       Frame(kHeaders, kEndHeaders | kEndStream, 1,
                             std::string("\x00\x01", 2) + "a" + "\x01" + "b")},
      {"padding",
       Head() + Frame(kData, 8 | kEndStream, 1, std::string("\x02x\0\0", 4))},
      {"a head in two pieces", in_pieces +
                                   Frame(kContinuation, kEndHeaders, 1, "") +
                                   Frame(kData, kEndStream, 1, "x")},
      {"frames of unknown kinds",
       Frame(0x7e, 0xff, 0, "what?") + Frame(0x7e, 0xff, 1, "") + Whole("x")},
      {"settings of unknown kinds", Setting(0x99, 1) + Whole("x")},
      {"the largest window", Setting(4, 0x7fffffff) + Whole("x")},
      {"a window of one byte", Setting(4, 1) + Whole("x")},
      {"data after the end", Whole("x") + Frame(kData, 0, 1, "more")},
      {"many small pieces", piecemeal},
  };
  for (const auto& [what, frames] : allowed) {
    const Recorder recorder = After(frames);
    ASSERT_TRUE(recorder.result.has_value()) << what;
    EXPECT_TRUE(recorder.result->ok()) << what << ": " << *recorder.result;
    EXPECT_EQ(recorder.status, 200) << what;
    EXPECT_EQ(recorder.body.substr(0, 1), "x") << what;
  }
}

// A server that sends `bytes` as soon as somebody connects.
class Sender {
 public:
  explicit Sender(std::string bytes, bool closes = true)
      : acceptor_(context_, {boost::asio::ip::address_v4::loopback(), 0}),
        thread_([this, bytes = std::move(bytes), closes] {
          boost::asio::ip::tcp::socket socket = acceptor_.accept();
          boost::system::error_code error;
          boost::asio::write(socket, boost::asio::buffer(bytes), error);
          if (closes) return;
          char byte;
          while (!error) socket.read_some(boost::asio::buffer(&byte, 1), error);
        }) {}
  ~Sender() { thread_.join(); }
  std::string Url() const {
    return absl::StrCat("https://127.0.0.1:",
                        acceptor_.local_endpoint().port());
  }

 private:
  boost::asio::io_context context_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::thread thread_;
};

class HostileTlsTest : public OverBothTransports {};

TEST_P(HostileTlsTest, WhatIsNoHandshakeIsNoConnection) {
  // A record of a handshake that says it has 16,384 bytes.
  const std::string record("\x16\x03\x03\x40\x00", 5);
  const std::vector<std::pair<const char*, std::string>> wrong = {
      {"nothing", ""},
      {"noise", std::string(100'000, '\xa5')},
      {"half a record", record + std::string(100, '\x02')},
      {"a record of zeros", record + std::string(0x4000, '\0')},
      // ServerHello's type, and a length of 16 MB that never comes.
      {"a message without end",
       record + std::string("\x02\xff\xff\xff", 4) + std::string(0x3ffc, 'x')},
      {"an alert", std::string("\x15\x03\x03\x00\x02\x02\x28", 7)},
  };
  for (const auto& [what, bytes] : wrong) {
    Sender sender(bytes);
    Client client(GetParam());
    Recorder recorder;
    client.Fetch(client.MakeRequest(sender.Url()), recorder);
    ASSERT_TRUE(recorder.result.has_value()) << what;
    EXPECT_EQ(ReasonOf(*recorder.result), Reason::kUpstreamConnect)
        << what << ": " << *recorder.result;
  }
}

TEST_P(HostileTlsTest, AHandshakeThatStopsHalfwayEndsByItsTimeout) {
  Sender sender(std::string("\x16\x03\x03\x40\x00\x02", 6), /*closes=*/false);
  Client client(GetParam());
  HttpRequest request = client.MakeRequest(sender.Url());
  request.connect_timeout = absl::Milliseconds(100);
  Recorder recorder;
  client.Fetch(std::move(request), recorder);
  EXPECT_EQ(ReasonOf(*recorder.result), Reason::kConnectTimeout)
      << *recorder.result;
}

OVER_BOTH_TRANSPORTS(HostileTlsTest);

}  // namespace
}  // namespace holysheep
