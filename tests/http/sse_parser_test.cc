#include "http/sse_parser.h"

#include <string>
#include <vector>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr size_t kBound = 1024;

struct Event {
  std::string name;
  std::string data;
  std::string id;

  friend bool operator==(const Event&, const Event&) = default;
  friend void PrintTo(const Event& event, std::ostream* out) {
    *out << "{" << event.name << "|" << event.data << "|" << event.id << "}";
  }
};

std::vector<Event> Parse(const std::vector<absl::string_view>& pieces) {
  std::vector<Event> events;
  SseParser parser(kBound);
  for (const absl::string_view piece : pieces) {
    const std::string copy(piece);  // So that a sanitizer sees a stale view.
    EXPECT_TRUE(parser
                    .Feed(copy,
                          [&](const SseEvent& event) {
                            events.push_back({std::string(event.name),
                                              std::string(event.data),
                                              std::string(event.id)});
                            return absl::OkStatus();
                          })
                    .ok());
  }
  return events;
}

absl::Status Ignore(const SseEvent&) { return absl::OkStatus(); }

struct Case {
  const char* what;
  std::string stream;
  std::vector<Event> events;
};

const std::vector<Case> kCases = {
    {"line feeds", "data: a\n\ndata: b\n\n", {{"", "a", ""}, {"", "b", ""}}},
    {"carriage returns and line feeds",
     "data: a\r\n\r\ndata: b\r\n\r\n",
     {{"", "a", ""}, {"", "b", ""}}},
    {"carriage returns",
     "data: a\r\rdata: b\r\r",
     {{"", "a", ""}, {"", "b", ""}}},
    {"all three line ends in turn",
     "event: x\rdata: a\r\ndata: b\n\r\ndata: c\r\n\n",
     {{"x", "a\nb", ""}, {"", "c", ""}}},
    {"several data lines",
     "data: a\ndata: b\ndata:c\n\n",
     {{"", "a\nb\nc", ""}}},
    {"only the first blank goes", "data:  a \n\n", {{"", " a ", ""}}},
    {"no blank, and a colon in the value",
     "data:{\"a\":1}\n\n",
     {{"", "{\"a\":1}", ""}}},
    {"empty data counts",
     "data\n\ndata:\n\ndata\ndata\n\n",
     {{"", "", ""}, {"", "", ""}, {"", "\n", ""}}},
    {"empty data after long data does not bring it back",
     "data: longer\n\ndata:\ndata: x\n\n",
     {{"", "longer", ""}, {"", "\nx", ""}}},
    {"an event without data is dropped with its name",
     "event: ping\n\ndata: a\n\n",
     {{"", "a", ""}}},
    {"comments",
     ": heartbeat\n\n:\n\ndata: a\n: in between\ndata: b\n\n",
     {{"", "a\nb", ""}}},
    {"the last name wins and holds for one event",
     "event: a\nevent: b\ndata: 1\n\ndata: 2\n\n",
     {{"b", "1", ""}, {"", "2", ""}}},
    {"the id stays",
     "id: 7\ndata: 1\n\ndata: 2\n\nid\ndata: 3\n\n",
     {{"", "1", "7"}, {"", "2", "7"}, {"", "3", ""}}},
    {"an id with a NUL is ignored",
     std::string("id: a\0b\ndata: 1\n\n", 17),
     {{"", "1", ""}}},
    {"unknown fields", "retry: 10\nfoo: x\ndatax: y\ndat: z\nDATA: u\n\n", {}},
    {"a byte order mark at the start",
     "\xEF\xBB\xBF"
     "data: a\n\n",
     {{"", "a", ""}}},
    {"a byte order mark elsewhere",
     "\n\xEF\xBB\xBF"
     "data: a\n\n",
     {}},
    {"half a byte order mark",
     "\xEF\xBB"
     "data: a\n\n",
     {}},
    {"UTF-8 of every length",
     "data: ä€\xF0\x9F\x90\x91 z\n\n",
     {{"", "ä€\xF0\x9F\x90\x91 z", ""}}},
    {"an end without a blank line", "data: a\n\ndata: b\n", {{"", "a", ""}}},
    {"a recorded stream",
     ": OPENROUTER PROCESSING\n\n"
     "data: "
     "{\"choices\":[{\"delta\":{\"content\":\"Gr\xC3\xBC\xC3\x9F\"}}]}\n\n"
     "data: {\"choices\":[{\"delta\":{\"content\":\" "
     "\xF0\x9F\x91\x8B\"}}]}\n\n"
     "data: [DONE]\n\n",
     {{"", "{\"choices\":[{\"delta\":{\"content\":\"Gr\xC3\xBC\xC3\x9F\"}}]}",
       ""},
      {"", "{\"choices\":[{\"delta\":{\"content\":\" \xF0\x9F\x91\x8B\"}}]}",
       ""},
      {"", "[DONE]", ""}}},
};

TEST(SseParserTest, ReadsEachStreamAsTheStandardSays) {
  for (const Case& test : kCases) {
    EXPECT_EQ(Parse({test.stream}), test.events) << test.what;
  }
}

TEST(SseParserTest, AStreamMayBeCutAnywhereOnce) {
  for (const Case& test : kCases) {
    const absl::string_view stream = test.stream;
    for (size_t cut = 0; cut <= stream.size(); ++cut) {
      EXPECT_EQ(Parse({stream.substr(0, cut), stream.substr(cut)}), test.events)
          << test.what << ", cut at " << cut;
    }
  }
}

TEST(SseParserTest, AStreamMayComeByteByByte) {
  for (const Case& test : kCases) {
    std::vector<absl::string_view> bytes;
    for (const char& byte : test.stream) bytes.emplace_back(&byte, 1);
    EXPECT_EQ(Parse(bytes), test.events) << test.what;
  }
}

TEST(SseParserTest, DataThatLiesWholeInOnePieceIsNotCopied) {
  const std::string piece = "event: x\ndata: some data\n\n";
  SseParser parser(kBound);
  const absl::Status status = parser.Feed(piece, [&](const SseEvent& event) {
    EXPECT_EQ(event.data.data(), piece.data() + 15);
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok());
}

TEST(SseParserTest, AnEventUpToTheBoundPasses) {
  SseParser parser(10);
  EXPECT_TRUE(parser.Feed("data:12345\n\n", Ignore).ok());
  EXPECT_TRUE(parser.Feed("data:12345\n\n", Ignore).ok());
}

TEST(SseParserTest, AnEventOverTheBoundIsMalformedHoweverItIsCut) {
  const struct {
    const char* what;
    absl::string_view stream;
  } cases[] = {
      {"one line", "data:123456\n\n"},
      {"a line without end", "data:123456"},
      {"several lines", "data:123\ndata:12\ndata:1\n\n"},
      {"a comment", ":1234567890\n"},
      {"another field", "event: 12345\n"},
  };
  for (const auto& test : cases) {
    for (size_t cut = 0; cut < test.stream.size(); ++cut) {
      SseParser parser(10);
      absl::Status status = parser.Feed(test.stream.substr(0, cut), Ignore);
      if (status.ok()) status = parser.Feed(test.stream.substr(cut), Ignore);
      ASSERT_FALSE(status.ok()) << test.what << ", cut at " << cut;
      EXPECT_EQ(ReasonOf(status), Reason::kUpstreamMalformed);
    }
  }
}

TEST(SseParserTest, EventsBeforeTheOneOverTheBoundAreReported) {
  SseParser parser(10);
  std::vector<std::string> data;
  const absl::Status status =
      parser.Feed("data: a\n\ndata:123456\n\n", [&](const SseEvent& event) {
        data.emplace_back(event.data);
        return absl::OkStatus();
      });
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(data, ElementsAre("a"));
}

TEST(SseParserTest, AnErrorOfTheCallbackEndsTheStreamForGood) {
  SseParser parser(kBound);
  int calls = 0;
  const auto refuse = [&](const SseEvent&) {
    ++calls;
    return absl::AbortedError("enough");
  };
  EXPECT_EQ(parser.Feed("data: a\n\ndata: b\n\n", refuse),
            absl::AbortedError("enough"));
  EXPECT_EQ(parser.Feed("data: c\n\n", refuse), absl::AbortedError("enough"));
  EXPECT_EQ(parser.Flush(refuse), absl::AbortedError("enough"));
  EXPECT_EQ(calls, 1);
}

TEST(SseParserTest, KnowsWhetherTheStreamStoppedInsideAnEvent) {
  const struct {
    absl::string_view stream;
    bool pending;
  } cases[] = {
      {"", false},
      {"data: a\n\n", false},
      {"data: a\n\r", false},
      {"data: a\n", true},
      {"data: a", true},
      {"da", true},
      {": comment", false},
      {": comment\n", false},
      {"event: a\n", false},
      {"data: a\n\nd", true},
  };
  for (const auto& test : cases) {
    SseParser parser(kBound);
    ASSERT_TRUE(parser.Feed(test.stream, Ignore).ok());
    EXPECT_EQ(parser.pending(), test.pending) << test.stream;
  }
}

TEST(SseParserTest, FlushReportsAnEventThatTheStreamDidNotEnd) {
  for (const absl::string_view stream :
       {"event: x\ndata: a\ndata: b", "event: x\ndata: a\ndata: b\n"}) {
    SseParser parser(kBound);
    ASSERT_TRUE(parser.Feed(stream, Ignore).ok());
    std::vector<std::string> seen;
    const auto on_event = [&](const SseEvent& event) {
      seen.emplace_back(event.name);
      seen.emplace_back(event.data);
      return absl::OkStatus();
    };
    EXPECT_TRUE(parser.Flush(on_event).ok());
    EXPECT_THAT(seen, ElementsAre("x", "a\nb"));
    EXPECT_FALSE(parser.pending());
    EXPECT_TRUE(parser.Flush(on_event).ok());
    EXPECT_EQ(seen.size(), 2u);
  }
}

TEST(SseParserTest, FlushReportsNothingWhereThereIsNoData) {
  for (const absl::string_view stream :
       {"", "event: x\n", ": comment", "dat"}) {
    SseParser parser(kBound);
    ASSERT_TRUE(parser.Feed(stream, Ignore).ok());
    int calls = 0;
    EXPECT_TRUE(parser
                    .Flush([&](const SseEvent&) {
                      ++calls;
                      return absl::OkStatus();
                    })
                    .ok());
    EXPECT_EQ(calls, 0) << stream;
  }
}

}  // namespace
}  // namespace holysheep
