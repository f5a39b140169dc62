#include "sim/http_parser.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep::sim {
namespace {

using State = HttpParser::State;
using ::testing::ElementsAre;
using ::testing::Pair;

constexpr absl::string_view kSized =
    "POST /v1/chat/completions?a=b HTTP/1.1\r\nHost: x\r\n"
    "Content-Length: 11\r\nX-Empty:\r\n\r\nhello world";
constexpr absl::string_view kChunked =
    "POST /v1/chat/completions HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    "6\r\nhello \r\n5;ext=1\r\nworld\r\n0\r\nTrailer: x\r\n\r\n";

// The state after all of `text`, fed in one piece.
State Feed(HttpParser& parser, absl::string_view text) {
  return parser.Feed(text);
}

int StatusOf(absl::string_view text) {
  HttpParser parser;
  return Feed(parser, text) == State::kError ? parser.error_status() : 0;
}

TEST(HttpParserTest, ReadsTheLineTheHeadersAndTheBody) {
  HttpParser parser;
  ASSERT_EQ(Feed(parser, kSized), State::kDone);
  const HttpRequest& request = parser.request();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/v1/chat/completions");
  EXPECT_THAT(request.headers,
              ElementsAre(Pair("host", "x"), Pair("content-length", "11"),
                          Pair("x-empty", "")));
  EXPECT_EQ(request.body, "hello world");
  EXPECT_TRUE(request.keep_alive);
}

TEST(HttpParserTest, ReadsTheSameHoweverTheBytesAreSplit) {
  for (const absl::string_view text : {kSized, kChunked}) {
    for (std::size_t first = 0; first <= text.size(); ++first) {
      for (std::size_t second = first; second <= text.size(); ++second) {
        HttpParser parser;
        Feed(parser, text.substr(0, first));
        Feed(parser, text.substr(first, second - first));
        ASSERT_EQ(Feed(parser, text.substr(second)), State::kDone)
            << first << " " << second;
        ASSERT_EQ(parser.request().body, "hello world");
        ASSERT_EQ(parser.request().path, "/v1/chat/completions");
      }
    }
  }
}

TEST(HttpParserTest, IsNotDoneOneByteTooEarly) {
  for (const absl::string_view text : {kSized, kChunked}) {
    HttpParser parser;
    EXPECT_EQ(Feed(parser, text.substr(0, text.size() - 1)), State::kMore);
  }
}

TEST(HttpParserTest, LeavesTheNextRequestUnread) {
  const std::string two = absl::StrCat(kSized, kChunked);
  absl::string_view data = two;
  HttpParser parser;
  ASSERT_EQ(parser.Feed(data), State::kDone);
  EXPECT_EQ(data, kChunked);
  parser.Reset();
  ASSERT_EQ(parser.Feed(data), State::kDone);
  EXPECT_EQ(parser.request().body, "hello world");
  EXPECT_EQ(parser.request().headers.size(), 1u);
}

TEST(HttpParserTest, KeepsTheConnectionAsTheVersionAndTheHeaderSay) {
  struct Case {
    absl::string_view head;
    bool keep_alive;
  };
  for (const Case& c :
       {Case{"GET / HTTP/1.1\r\n\r\n", true},
        {"GET / HTTP/1.1\r\nConnection: Close\r\n\r\n", false},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nconnection: Keep-Alive\r\n\r\n", true}}) {
    HttpParser parser;
    ASSERT_EQ(Feed(parser, c.head), State::kDone);
    EXPECT_EQ(parser.request().keep_alive, c.keep_alive) << c.head;
  }
}

TEST(HttpParserTest, AsksOnceToContinue) {
  HttpParser parser;
  Feed(parser,
       "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_TRUE(parser.TakeExpectation());
  EXPECT_FALSE(parser.TakeExpectation());
  EXPECT_EQ(Feed(parser, "ab"), State::kDone);
}

TEST(HttpParserTest, RefusesWhatIsNotHttp) {
  EXPECT_EQ(StatusOf("hello\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/2.0\r\n\r\n"), 505);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nno colon\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nname : x\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\na: x\r\n folded\r\n\r\n"), 400);
}

TEST(HttpParserTest, RefusesAmbiguousBodies) {
  EXPECT_EQ(StatusOf("POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("POST / HTTP/1.1\r\nContent-Length: 1\r\n"
                     "Content-Length: 2\r\n\r\n"),
            400);
  EXPECT_EQ(StatusOf("POST / HTTP/1.1\r\nContent-Length: 1\r\n"
                     "Transfer-Encoding: chunked\r\n\r\n"),
            400);
  EXPECT_EQ(StatusOf("POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n"),
            501);
  EXPECT_EQ(
      StatusOf("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
      400);
}

TEST(HttpParserTest, RefusesAHeadBeyondItsLimit) {
  HttpParser parser;
  const std::string filler(HttpParser::kMaxHead, 'a');
  EXPECT_EQ(Feed(parser, "GET / HTTP/1.1\r\nx: "), State::kMore);
  EXPECT_EQ(Feed(parser, filler), State::kError);
  EXPECT_EQ(parser.error_status(), 431);
}

TEST(HttpParserTest, RefusesABodyBeyondItsLimitBeforeReadingIt) {
  const std::size_t most = HttpParser::kMaxBody;
  EXPECT_EQ(StatusOf(absl::StrCat(
                "POST / HTTP/1.1\r\nContent-Length: ", most + 1, "\r\n\r\n")),
            413);
  EXPECT_EQ(StatusOf(absl::StrCat("POST / HTTP/1.1\r\nContent-Length: ", most,
                                  "\r\n\r\n")),
            0);
  EXPECT_EQ(StatusOf(absl::StrCat(
                "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
                absl::Hex(most + 1), "\r\n")),
            413);
}

}  // namespace
}  // namespace holysheep::sim
