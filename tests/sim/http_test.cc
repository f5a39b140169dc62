#include "sim/http.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep::sim {
namespace {

using State = HttpReader::State;
using ::testing::ElementsAre;
using ::testing::Pair;

constexpr absl::string_view kSized =
    "POST /v1/chat/completions?a=b HTTP/1.1\r\nHost: x\r\n"
    "Content-Length: 11\r\nX-Empty:\r\n\r\nhello world";
constexpr absl::string_view kChunked =
    "POST /v1/chat/completions HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    "6\r\nhello \r\n5;ext=1\r\nworld\r\n0\r\nTrailer: x\r\n\r\n";

// The state after all of `text`, fed in one piece.
State Feed(HttpReader& reader, absl::string_view text) {
  return reader.Feed(text);
}

int StatusOf(absl::string_view text) {
  HttpReader reader;
  return Feed(reader, text) == State::kError ? reader.error_status() : 0;
}

TEST(HttpTest, ReadsTheLineTheHeadersAndTheBody) {
  HttpReader reader;
  ASSERT_EQ(Feed(reader, kSized), State::kDone);
  const HttpRequest& request = reader.request();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/v1/chat/completions");
  EXPECT_THAT(request.headers,
              ElementsAre(Pair("host", "x"), Pair("content-length", "11"),
                          Pair("x-empty", "")));
  EXPECT_EQ(request.body, "hello world");
  EXPECT_TRUE(request.keep_alive);
}

TEST(HttpTest, ReadsTheSameHoweverTheBytesAreSplit) {
  for (const absl::string_view text : {kSized, kChunked}) {
    for (std::size_t first = 0; first <= text.size(); ++first) {
      for (std::size_t second = first; second <= text.size(); ++second) {
        HttpReader reader;
        Feed(reader, text.substr(0, first));
        Feed(reader, text.substr(first, second - first));
        ASSERT_EQ(Feed(reader, text.substr(second)), State::kDone)
            << first << " " << second;
        ASSERT_EQ(reader.request().body, "hello world");
        ASSERT_EQ(reader.request().path, "/v1/chat/completions");
      }
    }
  }
}

TEST(HttpTest, IsNotDoneOneByteTooEarly) {
  for (const absl::string_view text : {kSized, kChunked}) {
    HttpReader reader;
    EXPECT_EQ(Feed(reader, text.substr(0, text.size() - 1)), State::kMore);
  }
}

TEST(HttpTest, LeavesTheNextRequestUnread) {
  const std::string two = absl::StrCat(kSized, kChunked);
  absl::string_view data = two;
  HttpReader reader;
  ASSERT_EQ(reader.Feed(data), State::kDone);
  EXPECT_EQ(data, kChunked);
  reader.Reset();
  ASSERT_EQ(reader.Feed(data), State::kDone);
  EXPECT_EQ(reader.request().body, "hello world");
  EXPECT_EQ(reader.request().headers.size(), 1u);
}

TEST(HttpTest, KeepsTheConnectionAsTheVersionAndTheHeaderSay) {
  struct Case {
    absl::string_view head;
    bool keep_alive;
  };
  for (const Case& c :
       {Case{"GET / HTTP/1.1\r\n\r\n", true},
        {"GET / HTTP/1.1\r\nConnection: Close\r\n\r\n", false},
        {"GET / HTTP/1.0\r\n\r\n", false},
        {"GET / HTTP/1.0\r\nconnection: Keep-Alive\r\n\r\n", true}}) {
    HttpReader reader;
    ASSERT_EQ(Feed(reader, c.head), State::kDone);
    EXPECT_EQ(reader.request().keep_alive, c.keep_alive) << c.head;
  }
}

TEST(HttpTest, AsksOnceToContinue) {
  HttpReader reader;
  Feed(reader,
       "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  EXPECT_TRUE(reader.TakeExpectation());
  EXPECT_FALSE(reader.TakeExpectation());
  EXPECT_EQ(Feed(reader, "ab"), State::kDone);
}

TEST(HttpTest, PassesOverEmptyLinesBeforeARequest) {
  HttpReader reader;
  EXPECT_EQ(Feed(reader, "\r"), State::kMore);
  EXPECT_EQ(Feed(reader, "\n\r\nGET /a HTTP/1.1\r\n\r\n"), State::kDone);
  EXPECT_EQ(reader.request().path, "/a");
}

TEST(HttpTest, TheTrailerIsNotAmongTheHeaders) {
  HttpReader reader;
  ASSERT_EQ(Feed(reader, kChunked), State::kDone);
  EXPECT_THAT(reader.request().headers,
              ElementsAre(Pair("transfer-encoding", "chunked")));
}

TEST(HttpTest, NothingIsReadAfterAnError) {
  HttpReader reader;
  ASSERT_EQ(Feed(reader, "hello\r\n\r\n"), State::kError);
  EXPECT_EQ(Feed(reader, kSized), State::kError);
  EXPECT_EQ(reader.error_status(), 400);
  reader.Reset();
  EXPECT_EQ(Feed(reader, kSized), State::kDone);
}

TEST(HttpTest, RefusesWhatIsNotHttp) {
  EXPECT_EQ(StatusOf("hello\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/2.0\r\n\r\n"), 505);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nno colon\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nname : x\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\na: x\r\n folded\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\na:\r\n\tfolded\r\n\r\n"), 400);
}

TEST(HttpTest, RefusesAmbiguousBodies) {
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

TEST(HttpTest, RefusesAHeadBeyondItsLimit) {
  HttpReader reader;
  const std::string filler(HttpReader::kMaxHead, 'a');
  EXPECT_EQ(Feed(reader, "GET / HTTP/1.1\r\nx: "), State::kMore);
  EXPECT_EQ(Feed(reader, filler), State::kError);
  EXPECT_EQ(reader.error_status(), 431);
}

// Also one whose lines are each within the limit, and one that comes at once.
TEST(HttpTest, RefusesAHeadThatIsTooLongInAll) {
  std::string head = "GET / HTTP/1.1\r\n";
  const std::string header = absl::StrCat("x: ", std::string(995, 'a'), "\r\n");
  while (head.size() <= HttpReader::kMaxHead) head += header;
  EXPECT_EQ(StatusOf(absl::StrCat(head, "\r\n")), 431);
  HttpReader reader;
  State state = State::kMore;
  for (std::size_t at = 0; at < head.size(); at += 1000) {
    state = Feed(reader, absl::string_view(head).substr(at, 1000));
  }
  EXPECT_EQ(state, State::kError);
  EXPECT_EQ(reader.error_status(), 431);
}

TEST(HttpTest, RefusesAChunkLineOrATrailerBeyondTheLimitOfAHead) {
  constexpr absl::string_view kHead =
      "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string filler(HttpReader::kMaxHead, 'a');
  EXPECT_EQ(StatusOf(absl::StrCat(kHead, "5;ext=", filler)), 431);
  EXPECT_EQ(StatusOf(absl::StrCat(kHead, "0\r\nx: ", filler)), 431);
}

TEST(HttpTest, NamesStatuses) {
  EXPECT_EQ(ReasonPhrase(200), "OK");
  EXPECT_EQ(ReasonPhrase(429), "Too Many Requests");
  EXPECT_EQ(ReasonPhrase(529), "Other");
}

TEST(HttpTest, RefusesABodyBeyondItsLimitBeforeReadingIt) {
  const std::size_t most = HttpReader::kMaxBody;
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
