#include "telemetry/line_queue.h"

#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

class LineQueueTest : public testing::Test {
 protected:
  LineQueueTest() { EXPECT_EQ(pipe(ends_), 0); }
  ~LineQueueTest() override {
    close(ends_[0]);
    close(ends_[1]);
  }

  // What has been written and not read, once nobody writes.
  std::string Rest() {
    fcntl(ends_[0], F_SETFL, O_NONBLOCK);
    std::string text;
    char buffer[65536];
    for (ssize_t n; (n = read(ends_[0], buffer, sizeof(buffer))) > 0;) {
      text.append(buffer, static_cast<size_t>(n));
    }
    return text;
  }

  int ends_[2];
};

TEST_F(LineQueueTest, WritesLinesInTheirOrder) {
  {
    LineQueue queue(ends_[1], 1 << 20);
    for (int i = 0; i < 100; ++i) queue.Push(absl::StrCat("line ", i));
    EXPECT_EQ(queue.dropped(), 0);
  }
  const std::string text = Rest();
  const std::vector<std::string> lines = absl::StrSplit(text, '\n');
  ASSERT_EQ(lines.size(), 101u);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(lines[i], absl::StrCat("line ", i));
}

TEST_F(LineQueueTest, AReaderThatStopsCostsBoundedMemoryAndTheOldestLines) {
  const std::string line(99, 'x');
  int64_t dropped = 0;
  {
    LineQueue queue(ends_[1], 100'000);
    for (int i = 0; i < 50'000; ++i) queue.Push(line);
    queue.Push("the newest");
    dropped = queue.dropped();
    EXPECT_GT(dropped, 45'000);
    // It gives up on the reader, who has the pipe's capacity to look at.
  }
  const std::string text = Rest();
  EXPECT_GE(text.size(), 4096u);
  EXPECT_LE(text.size(), 200'000u);
}

TEST_F(LineQueueTest, DropsTheOldestAndKeepsTheNewest) {
  const std::string line(99, 'x');
  LineQueue queue(ends_[1], 10'000);
  for (int i = 0; i < 5000; ++i) queue.Push(line);
  queue.Push("the newest");
  // The reader comes back.
  std::string text;
  char buffer[4096];
  while (!absl::StrContains(text, "the newest\n")) {
    const ssize_t n = read(ends_[0], buffer, sizeof(buffer));
    ASSERT_GT(n, 0);
    text.append(buffer, static_cast<size_t>(n));
  }
  EXPECT_GT(queue.dropped(), 0);
}

}  // namespace
}  // namespace holysheep
