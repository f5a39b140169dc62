#include "http/response_head.h"

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

ResponseHead Read(const std::vector<absl::string_view>& lines) {
  ResponseHead head;
  for (const absl::string_view line : lines) {
    EXPECT_TRUE(head.TakeLine(line).ok());
  }
  return head;
}

TEST(ResponseHeadTest, GivesNamesInLowerCaseAndValuesTrimmed) {
  const ResponseHead head =
      Read({"HTTP/1.1 429 Too Many Requests\r\n", "Retry-After:  7 \r\n",
            "X-Empty:\r\n", "nonsense\r\n", "\r\n"});
  EXPECT_TRUE(head.complete());
  EXPECT_EQ(head.status(), 429);
  EXPECT_THAT(head.headers(),
              ElementsAre(Pair("retry-after", "7"), Pair("x-empty", "")));
}

TEST(ResponseHeadTest, PassesOverInterimResponsesAndTrailers) {
  const ResponseHead head =
      Read({"HTTP/2 103\r\n", "link: x\r\n", "\r\n", "HTTP/2 200\r\n",
            "a: b\r\n", "\r\n", "trailer: t\r\n", "\r\n"});
  EXPECT_EQ(head.status(), 200);
  EXPECT_THAT(head.headers(), ElementsAre(Pair("a", "b")));
}

TEST(ResponseHeadTest, IsNotCompleteAfterAnInterimResponseOnly) {
  EXPECT_FALSE(Read({"HTTP/1.1 100 Continue\r\n", "\r\n"}).complete());
}

TEST(ResponseHeadTest, JoinsAFoldedHeader) {
  const ResponseHead head =
      Read({"HTTP/1.1 200 OK\n", "a: one\n", "\ttwo\n", "\n"});
  EXPECT_THAT(head.headers(), ElementsAre(Pair("a", "one two")));
}

TEST(ResponseHeadTest, BoundsAllLinesOfAllResponsesTogether) {
  ResponseHead head;
  const std::string line = "x: " + std::string(997, 'x');
  absl::Status status;
  size_t taken = 0;
  while ((status = head.TakeLine("HTTP/1.1 100 Continue\r\n")).ok() &&
         (status = head.TakeLine(line)).ok()) {
    taken += line.size();
    ASSERT_LE(taken, ResponseHead::kMaxBytes);
  }
  EXPECT_EQ(ReasonOf(status), Reason::kUpstreamMalformed);
}

}  // namespace
}  // namespace holysheep
