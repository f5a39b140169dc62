#include "http/native/http1_parser.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep::native {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using State = Http1Parser::State;

struct Reader final : Http1Parser::Sink {
  void OnHead(int new_status,
              const ResponseHead::Headers& new_headers) override {
    ++heads;
    status = new_status;
    headers = new_headers;
  }
  absl::Status OnBody(absl::string_view data) override {
    absl::StrAppend(&body, data);
    return result;
  }

  // Feeds `answer` in pieces of `size`, until the parser is through.
  State Read(absl::string_view answer, size_t size, bool of_head = false) {
    heads = status = 0;
    headers.clear();
    body.clear();
    parser.Begin(of_head);
    State state = State::kMore;
    while (state == State::kMore && !answer.empty()) {
      const absl::string_view piece = answer.substr(0, size);
      answer.remove_prefix(piece.size());
      state = parser.Put(piece, rest);
    }
    rest += answer.size();
    return state;
  }

  int heads = 0;
  int status = 0;
  ResponseHead::Headers headers;
  std::string body;
  size_t rest = 0;
  absl::Status result;
  Http1Parser parser{*this};
};

constexpr absl::string_view kChunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

struct Answer {
  std::string text;
  int status;
  std::string body;
  bool keep_alive;
};

std::vector<Answer> GoodAnswers() {
  return {
      {"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody", 200, "body", true},
      {"HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n", 200, "", true},
      {"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 4\r\n\r\nbody",
       200, "body", true},
      {"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\n", 204, "", true},
      {"HTTP/1.1 304 Not Modified\r\n\r\n", 304, "", true},
      {"HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\nx", 200, "x", false},
      {"HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nContent-Length: 1\r\n"
       "\r\nx",
       200, "x", true},
      {"HTTP/1.1 200 OK\r\nConnection: foo, Close\r\nContent-Length: 1\r\n"
       "\r\nx",
       200, "x", false},
      {"HTTP/1.1 100 Continue\r\nContent-Length: 9\r\n\r\n"
       "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
       "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
       200, "x", true},
      {absl::StrCat(kChunked, "3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"), 200,
       "onetwo", true},
      {absl::StrCat(kChunked, "003;a=b;c=\"d\"\r\none\r\n0;e\r\n\r\n"), 200,
       "one", true},
      {absl::StrCat(kChunked,
                    "A\r\n0123456789\r\n0\r\nTrailer: x\r\nOther: "
                    "y\r\n\r\n"),
       200, "0123456789", true},
  };
}

TEST(Http1ParserTest, ReadsAnAnswerHoweverItIsCut) {
  for (const Answer& answer : GoodAnswers()) {
    for (const size_t size :
         {size_t{1}, size_t{2}, size_t{7}, size_t{100'000}}) {
      Reader reader;
      ASSERT_EQ(reader.Read(answer.text, size), State::kDone)
          << size << ": " << answer.text << reader.parser.error();
      EXPECT_EQ(reader.heads, 1) << answer.text;
      EXPECT_EQ(reader.status, answer.status) << answer.text;
      EXPECT_EQ(reader.body, answer.body) << answer.text;
      EXPECT_EQ(reader.parser.keep_alive(), answer.keep_alive) << answer.text;
      EXPECT_EQ(reader.rest, 0) << answer.text;
    }
  }
}

TEST(Http1ParserTest, CountsWhatFollowsTheAnswer) {
  for (const Answer& answer : GoodAnswers()) {
    for (const size_t size : {1, 7, 100'000}) {
      Reader reader;
      reader.Read(absl::StrCat(answer.text, "HTTP/"), size);
      EXPECT_EQ(reader.rest, 5) << size << ": " << answer.text;
    }
  }
}

TEST(Http1ParserTest, HeadersAreTrimmedAndTrailersAreNone) {
  Reader reader;
  reader.Read(
      "HTTP/1.1 200 OK\r\nX-One:   a b \t\r\nX-EMPTY:\r\n"
      "Transfer-Encoding: chunked\r\n\r\n0\r\nX-Late: c\r\n\r\n",
      3);
  EXPECT_THAT(reader.headers,
              ElementsAre(Pair("x-one", "a b"), Pair("x-empty", ""),
                          Pair("transfer-encoding", "chunked")));
}

TEST(Http1ParserTest, TheAnswerToHeadHasNoBody) {
  Reader reader;
  EXPECT_EQ(
      reader.Read("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n", 100, true),
      State::kDone);
  EXPECT_EQ(reader.rest, 0);
}

TEST(Http1ParserTest, ABodyWithoutLengthEndsWithTheConnection) {
  Reader reader;
  EXPECT_EQ(reader.Read("HTTP/1.1 200 OK\r\n\r\nsome", 5), State::kMore);
  EXPECT_EQ(reader.parser.PutEnd(), State::kDone);
  EXPECT_EQ(reader.body, "some");
  EXPECT_FALSE(reader.parser.keep_alive());
}

TEST(Http1ParserTest, AnyOtherAnswerDoesNotEndWithTheConnection) {
  for (const Answer& answer : GoodAnswers()) {
    for (size_t size = 1; size < answer.text.size(); ++size) {
      Reader reader;
      ASSERT_EQ(reader.Read(answer.text.substr(0, size), 100'000), State::kMore)
          << answer.text;
      EXPECT_EQ(reader.parser.PutEnd(), State::kMore) << answer.text;
    }
  }
}

TEST(Http1ParserTest, RefusesWhatCouldBeReadInTwoWays) {
  for (const absl::string_view bad : {
           "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 4, 5\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n",
           "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n"
           "Transfer-Encoding: chunked\r\n\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
           "Content-Length: 4\r\n\r\n",
           "HTTP/1.1 200 OK\r\nNo colon\r\n\r\n",
           "HTTP/1.1 200 OK\r\nBlank : x\r\n\r\n",
           "HTTP/1.1 20 OK\r\n\r\n",
           "HTTP/1.1 010 OK\r\n\r\n",
           "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
           "HTTP/2.0 200 OK\r\n\r\n",
           "SSH-2.0-OpenSSH_9.2\r\n",
       }) {
    Reader reader;
    EXPECT_EQ(reader.Read(bad, 100'000), State::kMalformed) << bad;
    EXPECT_EQ(reader.heads, 0) << bad;
  }
}

TEST(Http1ParserTest, RefusesChunksThatAreNone) {
  for (const absl::string_view bad :
       {"zz\r\none\r\n", "3\r\noneXXXX\r\n", "-1\r\n", ";a\r\n",
        "fffffffffffffffff\r\n"}) {
    Reader reader;
    EXPECT_EQ(reader.Read(absl::StrCat(kChunked, bad), 100'000),
              State::kMalformed)
        << bad;
    EXPECT_EQ(reader.heads, 1) << bad;
  }
}

std::string Repeated(absl::string_view text, size_t bytes) {
  std::string all;
  while (all.size() < bytes) absl::StrAppend(&all, text);
  return all;
}

TEST(Http1ParserTest, HeadsAreBounded) {
  const std::string begin = "HTTP/1.1 200 OK\r\n";
  const std::string interim = "HTTP/1.1 100 Continue\r\nA: b\r\n\r\n";
  for (const std::string& endless :
       {begin + "A: " + std::string(1'000'000, 'a'),
        begin + std::string(1'000'000, 'a'), std::string(1'000'000, 'a'),
        begin + Repeated("Name: value\r\n", 1'000'000),
        begin + Repeated("A: b\r\n", 7'000) + "\r\n" + Repeated("x", 90'000),
        Repeated(interim, 1'000'000),
        absl::StrCat(kChunked, "0\r\n", Repeated("A: b\r\n", 1'000'000)),
        absl::StrCat(kChunked, "1;", std::string(1'000'000, 'a'))}) {
    for (const size_t size : {1'000, 16'384}) {
      Reader reader;
      EXPECT_EQ(reader.Read(endless, size), State::kMalformed)
          << endless.substr(0, 60);
      EXPECT_GT(reader.rest, endless.size() - 90'000) << endless.substr(0, 60);
    }
  }
}

TEST(Http1ParserTest, AnErrorOfTheReaderStopsIt) {
  Reader reader;
  reader.result = absl::AbortedError("enough");
  EXPECT_EQ(
      reader.Read(absl::StrCat(kChunked, "3\r\none\r\n3\r\ntwo\r\n"), 100),
      State::kStopped);
  EXPECT_EQ(reader.parser.error(), reader.result);
  EXPECT_EQ(reader.body, "one");
}

TEST(Http1ParserTest, BeginForgetsWhatWas) {
  Reader reader;
  EXPECT_EQ(reader.Read("HTTP/1.1 200 OK\r\nA: ", 100), State::kMore);
  EXPECT_EQ(
      reader.Read("HTTP/1.1 200 OK\r\nB: c\r\nContent-Length: 0\r\n\r\n", 100),
      State::kDone);
  EXPECT_THAT(reader.headers,
              ElementsAre(Pair("b", "c"), Pair("content-length", "0")));
}

}  // namespace
}  // namespace holysheep::native
