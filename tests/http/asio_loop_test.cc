#include "http/asio_loop.h"

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

using ::testing::ElementsAre;

TEST(AsioLoopTest, RunsPostedTasksInOrderAndOnLaterTurns) {
  AsioLoop loop;
  std::vector<int> order;
  loop.Post([&] {
    order.push_back(1);
    loop.Post([&] {
      order.push_back(4);
      loop.Stop();
    });
    order.push_back(2);
  });
  loop.Post([&] { order.push_back(3); });
  loop.Run();
  EXPECT_THAT(order, ElementsAre(1, 2, 3, 4));
}

TEST(AsioLoopTest, TakesPostsFromManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kPosts = 5000;
  AsioLoop loop;
  int ran = 0;  // Only touched on the loop.
  std::vector<int> last(kThreads, -1);
  bool in_order = true;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (int post = 0; post < kPosts; ++post) {
        loop.Post([&, thread, post] {
          in_order = in_order && last[thread] == post - 1;
          last[thread] = post;
          if (++ran == kThreads * kPosts) loop.Stop();
        });
      }
    });
  }
  loop.Run();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ran, kThreads * kPosts);
  EXPECT_TRUE(in_order);
}

TEST(AsioLoopTest, WakesUpForAPostFromAnotherThread) {
  AsioLoop loop;
  std::thread thread;
  int rounds = 0;
  // The loop has nothing to do each time the other thread posts.
  std::function<void()> next = [&] {
    if (thread.joinable()) thread.join();
    if (++rounds == 20) return loop.Stop();
    thread = std::thread([&] { loop.Post(next); });
  };
  loop.Post(next);
  loop.Run();
  EXPECT_EQ(rounds, 20);
}

TEST(AsioLoopTest, WhatEntersAnIdleLoopRunsAtOnceOnTheCallersThread) {
  AsioLoop loop;
  std::thread::id ran;
  loop.Enter([&] { ran = std::this_thread::get_id(); });
  EXPECT_EQ(ran, std::this_thread::get_id());
}

TEST(AsioLoopTest, WhatEntersFromATaskRunsAfterItAndBeforeTheThreadGoesOn) {
  AsioLoop loop;
  std::vector<int> order;
  loop.Enter([&] {
    loop.Enter([&] { order.push_back(2); });
    loop.Post([&] { order.push_back(3); });
    order.push_back(1);
  });
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST(AsioLoopTest, WhatWasPostedBeforeRunsFirst) {
  AsioLoop loop;
  std::vector<int> order;
  loop.Post([&] { order.push_back(1); });
  loop.Enter([&] { order.push_back(2); });
  EXPECT_THAT(order, ElementsAre(1, 2));
}

TEST(AsioLoopTest, NoTwoTasksRunAtOnceWhoeverBringsThem) {
  constexpr int kThreads = 4;
  constexpr int kRounds = 5000;
  AsioLoop loop;
  int ran = 0;  // Only touched on the loop.
  const auto count = [&] {
    if (++ran == 2 * kThreads * kRounds) loop.Stop();
  };
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&] {
      for (int round = 0; round < kRounds; ++round) {
        loop.Enter(count);
        loop.Post(count);
      }
    });
  }
  loop.Run();
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ran, 2 * kThreads * kRounds);
}

TEST(AsioLoopTest, AThreadThatEntersIsNotKeptByTheWorkOfOthers) {
  AsioLoop loop;
  std::atomic<bool> enough = false;
  std::function<void()> work = [&] {
    if (enough) return loop.Stop();
    loop.Post(work);
  };
  std::thread thread([&] { loop.Run(); });
  loop.Enter(work);  // Would never return.
  enough = true;
  thread.join();
}

TEST(AsioLoopTest, CountsTasksThatHoldTheLoopUp) {
  AsioLoop loop;
  loop.Enter([] {});
  EXPECT_EQ(loop.stalls(), 0);
  loop.Enter([&] {
    const absl::Time start = loop.Now();
    while (loop.Now() - start < absl::Milliseconds(21)) continue;
  });
  EXPECT_EQ(loop.stalls(), 1);
}

TEST(AsioLoopTest, RunsTimersInTheOrderOfTheirTimes) {
  AsioLoop loop;
  std::vector<int> order;
  const auto third = loop.RunAfter(absl::Milliseconds(3), [&] {
    order.push_back(3);
    loop.Stop();
  });
  const auto second =
      loop.RunAfter(absl::Milliseconds(1), [&] { order.push_back(2); });
  const auto first =
      loop.RunAfter(absl::Seconds(-1), [&] { order.push_back(1); });
  loop.Run();
  EXPECT_THAT(order, ElementsAre(1, 2, 3));
}

TEST(AsioLoopTest, ATimerIsNeverEarlyAndTheClockNeverRunsBackwards) {
  AsioLoop loop;
  const absl::Time start = loop.Now();
  const auto timer = loop.RunAfter(absl::Milliseconds(2), [&] { loop.Stop(); });
  loop.Run();
  EXPECT_GE(loop.Now() - start, absl::Milliseconds(2));
}

TEST(AsioLoopTest, TheClockStartsAtTheWallClock) {
  const absl::Time before = absl::Now();
  const AsioLoop loop;
  EXPECT_GE(loop.Now(), before);
  EXPECT_LE(loop.Now(), absl::Now() + absl::Seconds(1));
}

TEST(AsioLoopTest, ADestroyedTimerDoesNotRunEvenIfItIsDue) {
  AsioLoop loop;
  bool ran = false;
  std::unique_ptr<Timer> victim;
  const auto killer =
      loop.RunAfter(absl::ZeroDuration(), [&] { victim.reset(); });
  victim = loop.RunAfter(absl::ZeroDuration(), [&] { ran = true; });
  const auto end = loop.RunAfter(absl::Milliseconds(1), [&] { loop.Stop(); });
  loop.Run();
  EXPECT_FALSE(ran);
}

TEST(AsioLoopTest, ATimerMayDestroyAndReplaceItselfInItsOwnTask) {
  AsioLoop loop;
  int rounds = 0;
  std::unique_ptr<Timer> timer;
  std::function<void()> tick = [&] {
    timer.reset();
    if (++rounds == 100) return loop.Stop();
    timer = loop.RunAfter(absl::ZeroDuration(), tick);
  };
  timer = loop.RunAfter(absl::ZeroDuration(), tick);
  loop.Run();
  EXPECT_EQ(rounds, 100);
}

TEST(AsioLoopTest, ACancelledEarlyTimerDoesNotDelayALaterOne) {
  AsioLoop loop;
  auto cancelled = loop.RunAfter(absl::Milliseconds(1), [] { FAIL(); });
  const auto timer = loop.RunAfter(absl::Milliseconds(2), [&] { loop.Stop(); });
  const auto never = loop.RunAfter(absl::InfiniteDuration(), [] { FAIL(); });
  cancelled.reset();
  loop.Run();
}

TEST(AsioLoopTest, AnEarlierTimerRingsBeforeTheOneThatTheAlarmIsSetFor) {
  AsioLoop loop;
  const auto later = loop.RunAfter(absl::Hours(1), [] { FAIL(); });
  const auto sooner =
      loop.RunAfter(absl::Milliseconds(1), [&] { loop.Stop(); });
  loop.Run();
}

TEST(AsioLoopTest, AStopBeforeRunEndsItAtOnceAndRunMayBeCalledAgain) {
  AsioLoop loop;
  bool ran = false;
  loop.Post([&] {
    ran = true;
    loop.Stop();
  });
  loop.Stop();
  loop.Run();
  EXPECT_FALSE(ran);
  loop.Run();
  EXPECT_TRUE(ran);
}

TEST(AsioLoopTest, RunMayBeCalledAgainWhenNothingWasLeftToDo) {
  AsioLoop loop;
  int ran = 0;
  for (int round = 0; round < 3; ++round) {
    loop.Post([&] {
      ++ran;
      loop.Stop();
    });
    loop.Run();
  }
  EXPECT_EQ(ran, 3);
}

TEST(AsioLoopTest, WhatHasNotRunDiesWithTheLoop) {
  const auto held = std::make_shared<int>(0);
  {
    AsioLoop loop;
    loop.Post([held] { FAIL(); });
  }
  EXPECT_EQ(held.use_count(), 1);
}

}  // namespace
}  // namespace holysheep
