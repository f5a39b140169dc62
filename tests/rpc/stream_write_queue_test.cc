#include "rpc/stream_write_queue.h"

#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

using Step = StreamWriteQueue::Step;

pb::InvokeEvent Text(const std::string& text) {
  pb::InvokeEvent event;
  event.set_text(text);
  return event;
}

// Does the steps as a writer would; what was written, in a word each.
std::vector<std::string> Drain(StreamWriteQueue& write_queue, Step step) {
  std::vector<std::string> written;
  for (; step == Step::kWrite; step = write_queue.Written()) {
    const pb::InvokeEvent& event = write_queue.event();
    written.push_back(event.has_started() ? "started"
                      : event.has_final() ? "final " + event.final().result()
                                          : event.text());
  }
  if (step == Step::kFinish) {
    written.push_back(std::string(write_queue.status().message()));
  }
  return written;
}

TEST(StreamWriteQueueTest, WhatWaitsIsMergedInOrder) {
  StreamWriteQueue write_queue;
  ASSERT_EQ(write_queue.Start({}), Step::kWrite);
  EXPECT_EQ(write_queue.Add(Text("a")), Step::kNothing)
      << "while one is written";
  EXPECT_EQ(write_queue.Add(Text("b")), Step::kNothing);
  EXPECT_EQ(write_queue.End({}), Step::kNothing);
  EXPECT_THAT(Drain(write_queue, Step::kWrite),
              testing::ElementsAre("started", "ab", "final ab", ""));
}

TEST(StreamWriteQueueTest, IsQuietUntilThereIsMore) {
  StreamWriteQueue write_queue;
  EXPECT_THAT(Drain(write_queue, write_queue.Add(Text("a"))),
              testing::ElementsAre("a"));
  EXPECT_THAT(Drain(write_queue, write_queue.Add(Text("b"))),
              testing::ElementsAre("b"));
}

TEST(StreamWriteQueueTest, AReaderWhoKeepsUpGetsEachPieceAtOnce) {
  StreamWriteQueue write_queue;
  Drain(write_queue, write_queue.Start({}));
  for (const std::string piece : {"a", "b", "c"}) {
    ASSERT_EQ(write_queue.Add(Text(piece)), Step::kWrite);
    EXPECT_EQ(write_queue.event().text(), piece);
    EXPECT_EQ(write_queue.Written(), Step::kNothing);
  }
}

TEST(StreamWriteQueueTest, ASlowReadersBurstIsAFewEvents) {
  StreamWriteQueue write_queue;
  ASSERT_EQ(write_queue.Add(Text("x")), Step::kWrite);
  for (int i = 0; i < 5000; ++i) write_queue.Add(Text("y"));
  EXPECT_THAT(Drain(write_queue, Step::kWrite),
              testing::ElementsAre("x", std::string(4096, 'y'),
                                   std::string(5000 - 4096, 'y')));
}

TEST(StreamWriteQueueTest, SaysStartedOnce) {
  StreamWriteQueue write_queue;
  Drain(write_queue, write_queue.Start({}));
  EXPECT_EQ(write_queue.Start({}), Step::kNothing);
}

TEST(StreamWriteQueueTest, AnErrorFollowsWhatWasSaidBefore) {
  StreamWriteQueue write_queue;
  ASSERT_EQ(write_queue.Add(Text("a")), Step::kWrite);
  EXPECT_EQ(write_queue.Fail(absl::DataLossError("cut")), Step::kNothing);
  EXPECT_EQ(write_queue.Written(), Step::kFinish);
  EXPECT_EQ(write_queue.status().message(), "cut");
}

TEST(StreamWriteQueueTest, OnlyTheFirstEndCounts) {
  StreamWriteQueue write_queue;
  EXPECT_EQ(write_queue.Fail(absl::DataLossError("cut")), Step::kFinish);
  EXPECT_EQ(write_queue.End({}), Step::kNothing);
  EXPECT_EQ(write_queue.Abandon(), Step::kNothing);
}

TEST(StreamWriteQueueTest, WhoHasGoneIsWrittenNothingMore) {
  StreamWriteQueue write_queue;
  ASSERT_EQ(write_queue.Add(Text("a")), Step::kWrite);
  write_queue.Add(Text("b"));
  EXPECT_EQ(write_queue.Abandon(), Step::kNothing) << "while one is written";
  EXPECT_EQ(write_queue.Written(), Step::kFinish);
  EXPECT_EQ(write_queue.status().code(), absl::StatusCode::kCancelled);
}

TEST(StreamWriteQueueTest, ThePackedFinalIsNotKept) {
  StreamWriteQueue write_queue;
  Drain(write_queue, write_queue.Add(Text("a")));
  ASSERT_EQ(write_queue.End({}), Step::kWrite);
  EXPECT_EQ(write_queue.event().final().result(), "a");
  write_queue.ForgetFinal();
  EXPECT_FALSE(write_queue.event().has_final());
  EXPECT_EQ(write_queue.Written(), Step::kFinish);
}

TEST(StreamWriteQueueTest, NothingIsWrittenAfterACut) {
  StreamWriteQueue write_queue;
  ASSERT_EQ(write_queue.Add(Text("a")), Step::kWrite);
  write_queue.Add(Text("b"));
  EXPECT_EQ(write_queue.Cut(absl::DataLossError("full")), Step::kNothing)
      << "while one is written";
  EXPECT_EQ(write_queue.Written(), Step::kFinish);
  EXPECT_EQ(write_queue.status().message(), "full");
}

TEST(StreamWriteQueueTest, TwoThreadsWriteEachPieceOnce) {
  constexpr int kEvents = 20'000;
  StreamWriteQueue write_queue;
  std::string written;  // By whoever has the turn.
  const auto work = [&](Step step) {
    for (; step == Step::kWrite; step = write_queue.Written()) {
      written += write_queue.event().text();
    }
  };
  std::thread adder([&] {
    for (int i = 0; i < kEvents; i += 2) work(write_queue.Add(Text("x")));
  });
  for (int i = 0; i < kEvents; i += 2) work(write_queue.Add(Text("x")));
  adder.join();
  EXPECT_EQ(written.size(), size_t{kEvents});
}

}  // namespace
}  // namespace holysheep
