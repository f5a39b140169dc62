#include "policy/fair_queue.h"

#include <cstdlib>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

using ::testing::ElementsAre;
using Queue = FairQueue<std::string>;

constexpr Priority kInteractive = Priority::kInteractive;
constexpr Priority kBatch = Priority::kBatch;

// "a1", "a2", ... of caller "a".
void PushMany(Queue& queue, absl::string_view caller, int count) {
  for (int i = 1; i <= count; ++i) {
    queue.Push(caller, kInteractive, absl::StrCat(caller, i));
  }
}

std::vector<std::string> InOrder(Queue& queue) {
  std::vector<std::string> order;
  queue.Scan([&](std::string& value) {
    order.push_back(value);
    return Visit::kKeep;
  });
  return order;
}

// Takes the first element that `fits`; "" if none does.
template <typename Predicate>
std::string TakeFirst(Queue& queue, Predicate fits) {
  std::string taken;
  queue.Scan([&](std::string& value) {
    if (!taken.empty()) return Visit::kStop;
    if (!fits(value)) return Visit::kKeep;
    taken = value;
    return Visit::kTake;
  });
  return taken;
}

std::string TakeFirst(Queue& queue) {
  return TakeFirst(queue, [](const std::string&) { return true; });
}

TEST(FairQueueTest, OneCallerIsServedInOrderOfArrival) {
  Queue queue(10);
  PushMany(queue, "a", 3);
  EXPECT_THAT(InOrder(queue), ElementsAre("a1", "a2", "a3"));
  EXPECT_EQ(TakeFirst(queue), "a1");
  EXPECT_THAT(InOrder(queue), ElementsAre("a2", "a3"));
}

TEST(FairQueueTest, CallersTakeTurnsHoweverMuchOneOfThemBrings) {
  Queue queue(10);
  PushMany(queue, "a", 4);
  PushMany(queue, "b", 2);
  queue.Push("c", kInteractive, "c1");
  EXPECT_THAT(InOrder(queue),
              ElementsAre("a1", "b1", "c1", "a2", "b2", "a3", "a4"));
}

TEST(FairQueueTest, EverythingInteractiveComesBeforeBatches) {
  Queue queue(10);
  queue.Push("a", kBatch, "a batch");
  queue.Push("b", kBatch, "b batch");
  queue.Push("b", kInteractive, "b1");
  queue.Push("b", kInteractive, "b2");
  EXPECT_THAT(InOrder(queue), ElementsAre("b1", "b2", "a batch", "b batch"));
}

TEST(FairQueueTest, ANewcomerIsServedBeforeTheNextTurnOfTheBusyCaller) {
  Queue queue(10);
  PushMany(queue, "a", 3);
  EXPECT_EQ(TakeFirst(queue), "a1");
  queue.Push("b", kInteractive, "b1");
  EXPECT_THAT(InOrder(queue), ElementsAre("b1", "a2", "a3"));
}

TEST(FairQueueTest, ANewcomerDoesNotMakeUpForTheTimeBeforeItCame) {
  Queue queue(100);
  PushMany(queue, "a", 20);
  for (int i = 1; i <= 10; ++i) TakeFirst(queue);
  PushMany(queue, "b", 3);
  std::vector<std::string> order = InOrder(queue);
  order.resize(6);
  EXPECT_THAT(order, ElementsAre("b1", "a11", "b2", "a12", "b3", "a13"));
}

TEST(FairQueueTest, ACallerWhoComesBackAtOnceWaitsForTheOthersTurn) {
  Queue queue(10);
  queue.Push("a", kInteractive, "a1");
  PushMany(queue, "b", 3);
  EXPECT_EQ(TakeFirst(queue), "a1");
  queue.Push("a", kInteractive, "a2");
  EXPECT_EQ(TakeFirst(queue), "b1");
  EXPECT_EQ(TakeFirst(queue), "b2");
  EXPECT_EQ(TakeFirst(queue), "a2");
  queue.Push("a", kInteractive, "a3");
  EXPECT_EQ(TakeFirst(queue), "b3");
  EXPECT_EQ(TakeFirst(queue), "a3");
}

TEST(FairQueueTest, AScanSkipsWhatIsBlockedAndTakesWhatFits) {
  Queue queue(10);
  PushMany(queue, "a", 2);
  PushMany(queue, "b", 2);
  std::vector<std::string> taken;
  queue.Scan([&](std::string& value) {
    if (value[0] == 'a') return Visit::kKeep;
    taken.push_back(std::move(value));
    return Visit::kTake;
  });
  EXPECT_THAT(taken, ElementsAre("b1", "b2"));
  EXPECT_THAT(InOrder(queue), ElementsAre("a1", "a2"));
}

TEST(FairQueueTest, AScanStopsWhereItIsToldTo) {
  Queue queue(10);
  queue.Push("a", kInteractive, "a1");
  queue.Push("b", kBatch, "b1");
  int visited = 0;
  queue.Scan([&](std::string&) {
    ++visited;
    return Visit::kStop;
  });
  EXPECT_EQ(visited, 1);
  EXPECT_EQ(queue.size(), 2);
}

TEST(FairQueueTest, ALaterElementTakenIsTheTurnOfItsCaller) {
  Queue queue(10);
  PushMany(queue, "a", 2);
  queue.Push("b", kInteractive, "b1");
  EXPECT_EQ(TakeFirst(queue, [](const auto& v) { return v == "a2"; }), "a2");
  EXPECT_THAT(InOrder(queue), ElementsAre("b1", "a1"));
}

TEST(FairQueueTest, ABlockedCallerKeepsItsTurnButCollectsNone) {
  Queue queue(100);
  for (int i = 1; i <= 20; ++i) {
    queue.Push("a", kInteractive, absl::StrCat("a", i));
    queue.Push("b", kInteractive, absl::StrCat("b", i));
  }
  for (int i = 1; i <= 10; ++i) {
    TakeFirst(queue, [](const auto& value) { return value[0] == 'b'; });
  }
  // a1 is the turn it missed, a2 that of the round in which b10 had its own.
  std::vector<std::string> taken;
  for (int i = 0; i < 6; ++i) taken.push_back(TakeFirst(queue));
  EXPECT_THAT(taken, ElementsAre("a1", "a2", "a3", "b11", "a4", "b12"));
}

TEST(FairQueueTest, WhatIsRemovedCostsItsCallerNoTurn) {
  Queue queue(100);
  std::vector<Queue::Ticket> tickets;
  for (int i = 1; i <= 10; ++i) {
    tickets.push_back(*queue.Push("a", kInteractive, absl::StrCat("a", i)));
  }
  PushMany(queue, "b", 2);
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(queue.Remove(tickets[i]));
  queue.Push("a", kInteractive, "a11");
  EXPECT_THAT(InOrder(queue), ElementsAre("a10", "b1", "b2", "a11"));
}

TEST(FairQueueTest, AnElementIsRemovedOnce) {
  Queue queue(10);
  const Queue::Ticket removed = *queue.Push("a", kInteractive, "a1");
  const Queue::Ticket taken = *queue.Push("a", kInteractive, "a2");
  EXPECT_TRUE(queue.Remove(removed));
  EXPECT_FALSE(queue.Remove(removed));
  EXPECT_EQ(TakeFirst(queue), "a2");
  EXPECT_FALSE(queue.Remove(taken));
  EXPECT_FALSE(queue.Remove(0));
  EXPECT_TRUE(queue.empty());
}

TEST(FairQueueTest, AFullLineTakesNothing) {
  Queue queue(2);
  EXPECT_TRUE(queue.Push("a", kInteractive, "a1").has_value());
  const auto ticket = queue.Push("b", kBatch, "b1");
  EXPECT_FALSE(queue.Push("c", kInteractive, "c1").has_value());
  queue.Remove(*ticket);
  EXPECT_TRUE(queue.Push("c", kInteractive, "c1").has_value());
  queue.SetMaxSize(3);
  EXPECT_TRUE(queue.Push("d", kInteractive, "d1").has_value());
  EXPECT_EQ(queue.size(), 3);
}

TEST(FairQueueTest, ABoundOfZeroIsNone) {
  Queue queue(0);
  for (int i = 0; i < 2000; ++i) {
    ASSERT_TRUE(queue.Push("a", kBatch, "x").has_value());
  }
  EXPECT_EQ(queue.size(), 2000);
}

TEST(FairQueueTest, HoldsValuesThatCannotBeCopied) {
  FairQueue<std::unique_ptr<int>> queue(1);
  queue.Push("a", kInteractive, std::make_unique<int>(7));
  int seen = 0;
  queue.Scan([&](std::unique_ptr<int>& value) {
    seen = *std::exchange(value, nullptr);
    return Visit::kTake;
  });
  EXPECT_EQ(seen, 7);
}

TEST(FairQueueTest, ForgetsCallersWhoseRoundIsPast) {
  Queue queue(10);
  for (int i = 0; i < 100; ++i) {
    queue.Push(absl::StrCat("caller", i), kInteractive, "x");
    TakeFirst(queue);
  }
  queue.Push("a", kInteractive, "a1");
  queue.Push("a", kInteractive, "a2");
  TakeFirst(queue);
  TakeFirst(queue);
  EXPECT_EQ(queue.callers(), 1);
}

TEST(FairQueueTest, ForgetsCallersWhoGaveUp) {
  Queue queue(1000);
  for (int i = 0; i < 100; ++i) {
    queue.Remove(*queue.Push(absl::StrCat("caller", i), kInteractive, "x"));
  }
  EXPECT_EQ(queue.callers(), 0);
}

TEST(FairQueueTest, RemembersABoundedNumberOfCallersInARoundThatNeverEnds) {
  Queue queue(10);
  queue.Push("blocked", kInteractive, "blocked");
  for (int i = 0; i < 10'000; ++i) {
    queue.Push(absl::StrCat("caller", i), kInteractive, "x");
    TakeFirst(queue, [](const auto& value) { return value == "x"; });
    ASSERT_LE(queue.callers(), 1100);
  }
  EXPECT_THAT(InOrder(queue), ElementsAre("blocked"));
}

class FairQueueProperty : public ::testing::TestWithParam<int> {};

// Callers who always have something waiting get the same share, whatever the
// others bring, take back or are kept from taking.
TEST_P(FairQueueProperty, BusyCallersGetEqualSharesInOrderOfArrival) {
  std::mt19937_64 random(static_cast<uint64_t>(GetParam()));
  const auto draw = [&](size_t least, size_t most) {
    return std::uniform_int_distribution<size_t>(least, most)(random);
  };
  struct Element {
    std::string caller;
    int number;
  };
  FairQueue<Element> queue(0);
  std::map<std::string, int> pushed, served, last;
  std::vector<Queue::Ticket> tickets;
  const auto push = [&](const std::string& caller) {
    tickets.push_back(
        *queue.Push(caller, kInteractive, {caller, ++pushed[caller]}));
  };
  for (int i = 0; i < 2000; ++i) {
    for (const char* busy : {"a", "b"}) push(busy);
  }
  for (int step = 0; step < 1500; ++step) {
    if (draw(0, 1) == 0) push(absl::StrCat("c", draw(0, 5)));
    if (draw(0, 3) == 0) queue.Remove(tickets[draw(0, tickets.size() - 1)]);
    bool done = false;
    queue.Scan([&](Element& element) {
      if (done) return Visit::kStop;
      if (element.caller == "c0" && step % 50 != 0) return Visit::kKeep;
      done = true;
      ++served[element.caller];
      EXPECT_GT(element.number, last[element.caller]);
      last[element.caller] = element.number;
      return Visit::kTake;
    });
    ASSERT_TRUE(done);
    ASSERT_LE(std::abs(served["a"] - served["b"]), 1) << step;
  }
  EXPECT_GE(served["a"], 1500 / 8);
}

INSTANTIATE_TEST_SUITE_P(Seeds, FairQueueProperty, ::testing::Range(0, 10));

}  // namespace
}  // namespace holysheep
