#include "rpc/stream_write_queue.h"

#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

using Step = Outbox::Step;

pb::InvokeEvent Text(const std::string& text) {
  pb::InvokeEvent event;
  event.set_text(text);
  return event;
}

// Does the steps as a writer would; what was written, in a word each.
std::vector<std::string> Drain(Outbox& outbox, Step step) {
  std::vector<std::string> written;
  for (; step == Step::kWrite; step = outbox.Written()) {
    const pb::InvokeEvent& event = outbox.event();
    written.push_back(event.has_started() ? "started"
                      : event.has_final() ? "final " + event.final().result()
                                          : event.text());
  }
  if (step == Step::kFinish) {
    written.push_back(std::string(outbox.status().message()));
  }
  return written;
}

TEST(OutboxTest, WritesOneEventAtATimeInOrder) {
  Outbox outbox;
  ASSERT_EQ(outbox.Start({}), Step::kWrite);
  EXPECT_EQ(outbox.Add(Text("a")), Step::kNothing) << "while one is written";
  EXPECT_EQ(outbox.Add(Text("b")), Step::kNothing);
  EXPECT_EQ(outbox.End({}), Step::kNothing);
  EXPECT_THAT(Drain(outbox, Step::kWrite),
              testing::ElementsAre("started", "a", "b", "final ab", ""));
}

TEST(OutboxTest, IsQuietUntilThereIsMore) {
  Outbox outbox;
  EXPECT_THAT(Drain(outbox, outbox.Add(Text("a"))), testing::ElementsAre("a"));
  EXPECT_THAT(Drain(outbox, outbox.Add(Text("b"))), testing::ElementsAre("b"));
}

TEST(OutboxTest, SaysStartedOnce) {
  Outbox outbox;
  Drain(outbox, outbox.Start({}));
  EXPECT_EQ(outbox.Start({}), Step::kNothing);
}

TEST(OutboxTest, AnErrorFollowsWhatWasSaidBefore) {
  Outbox outbox;
  ASSERT_EQ(outbox.Add(Text("a")), Step::kWrite);
  EXPECT_EQ(outbox.Fail(absl::DataLossError("cut")), Step::kNothing);
  EXPECT_EQ(outbox.Written(), Step::kFinish);
  EXPECT_EQ(outbox.status().message(), "cut");
}

TEST(OutboxTest, OnlyTheFirstEndCounts) {
  Outbox outbox;
  EXPECT_EQ(outbox.Fail(absl::DataLossError("cut")), Step::kFinish);
  EXPECT_EQ(outbox.End({}), Step::kNothing);
  EXPECT_EQ(outbox.Abandon(), Step::kNothing);
}

TEST(OutboxTest, WhoHasGoneIsWrittenNothingMore) {
  Outbox outbox;
  ASSERT_EQ(outbox.Add(Text("a")), Step::kWrite);
  outbox.Add(Text("b"));
  EXPECT_EQ(outbox.Abandon(), Step::kNothing) << "while one is written";
  EXPECT_EQ(outbox.Written(), Step::kFinish);
  EXPECT_EQ(outbox.status().code(), absl::StatusCode::kCancelled);
}

TEST(OutboxTest, TwoThreadsWriteEachEventOnce) {
  constexpr int kEvents = 20'000;
  Outbox outbox;
  std::vector<std::string> written;  // By whoever has the turn.
  const auto work = [&](Step step) {
    for (; step == Step::kWrite; step = outbox.Written()) {
      written.push_back(outbox.event().text());
    }
  };
  std::thread adder([&] {
    for (int i = 0; i < kEvents; i += 2) work(outbox.Add(Text("x")));
  });
  for (int i = 0; i < kEvents; i += 2) work(outbox.Add(Text("x")));
  adder.join();
  EXPECT_EQ(written.size(), size_t{kEvents});
}

}  // namespace
}  // namespace holysheep
