#include "policy/admission/admission_lines.h"

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

using ::testing::ElementsAre;
using Ticket = AdmissionLines::Ticket;
constexpr absl::Duration kOvertake = absl::Seconds(10);

LineKey Slots(std::string model = "") {
  if (model.empty()) return {Limit::kMaxConcurrent, {}, {}};
  return {Limit::kMaxConcurrent, {SubjectKind::kModel, std::move(model)}, {}};
}
const LineKey kTokens = {Limit::kTokensPerMinute, {}, {}};

// Limits with room that a test sets, and calls with names.
class AdmissionLinesTest : public ::testing::Test {
 protected:
  struct Ask {
    std::string name;
    std::vector<std::pair<LineKey, int64_t>> amounts;
  };
  LimitStates StatesOf(const Ask& ask) const {
    LimitStates states;
    for (const auto& [key, amount] : ask.amounts) {
      const auto room = room_.find(key);
      states.push_back(
          {key, amount, room == room_.end() || room->second >= amount});
    }
    return states;
  }
  void Start(const Ask& ask) {
    started_.push_back(ask.name);
    for (const auto& [key, amount] : ask.amounts) {
      if (room_.contains(key)) room_[key] -= amount;
    }
  }
  Ticket Arrive(const std::string& name, const std::string& caller,
                std::vector<std::pair<LineKey, int64_t>> amounts,
                Priority priority = Priority::kInteractive) {
    const Ask ask = {name, std::move(amounts)};
    const auto ticket = lines_.Arrive(caller, priority, StatesOf(ask));
    if (!ticket.has_value()) Start(ask);
    if (ticket.has_value()) asks_[*ticket] = ask;
    return ticket.value_or(0);
  }
  void Give(const LineKey& key, int64_t amount) {
    room_[key] += amount;
    lines_.Touch(key);
    Pump();
  }
  void Pump() {
    do {
      ++pumps_;
      lines_.Pump(
          now_,
          [this](Ticket ticket) {
            ++asked_;
            return StatesOf(asks_.at(ticket));
          },
          [this](Ticket ticket) { Start(asks_.at(ticket)); });
    } while (lines_.NextPump() <= now_);
  }

  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  AdmissionLines lines_{kOvertake};
  std::map<LineKey, int64_t> room_;
  std::map<Ticket, Ask> asks_;
  std::vector<std::string> started_;
  int asked_ = 0;
  int pumps_ = 0;
};

TEST_F(AdmissionLinesTest, ACallThatNothingBlocksVisitsNoLine) {
  room_[Slots("x")] = 0;
  EXPECT_NE(Arrive("x1", "a", {{Slots("x"), 1}, {Slots(), 1}}), 0u);
  EXPECT_EQ(Arrive("y1", "a", {{Slots("y"), 1}, {Slots(), 1}}), 0u);
  EXPECT_THAT(started_, ElementsAre("y1"));
}

TEST_F(AdmissionLinesTest, CallersTakeTurnsByTokensAtATokenLimit) {
  room_[kTokens] = 0;
  for (const char* name : {"a1", "a2", "a3"}) Arrive(name, "a", {{kTokens, 4}});
  for (const char* name : {"b1", "b2", "b3"}) Arrive(name, "b", {{kTokens, 2}});
  for (int i = 0; i < 9; ++i) Give(kTokens, 2);
  EXPECT_THAT(started_, ElementsAre("b1", "b2", "b3", "a1", "a2", "a3"));
}

TEST_F(AdmissionLinesTest, ATurnAtOneModelIsNoTurnAtAnother) {
  room_[Slots("x")] = room_[Slots("y")] = 0;
  for (const char* name : {"xa1", "xa2"}) Arrive(name, "a", {{Slots("x"), 1}});
  Give(Slots("x"), 2);
  Arrive("ya", "a", {{Slots("y"), 1}});
  Arrive("yb", "b", {{Slots("y"), 1}});
  Give(Slots("y"), 1);
  EXPECT_THAT(started_, ElementsAre("xa1", "xa2", "ya"));
}

TEST_F(AdmissionLinesTest, RoomIsHeldForALargeCallThatWasOvertakenForLong) {
  room_[kTokens] = 0;
  Arrive("large", "a", {{kTokens, 10}});
  Give(kTokens, 2);
  Arrive("small 1", "a", {{kTokens, 2}});
  Pump();
  now_ += kOvertake;
  Pump();
  Arrive("small 2", "b", {{kTokens, 2}});
  for (int i = 0; i < 6; ++i) Give(kTokens, 2);
  EXPECT_THAT(started_, ElementsAre("small 1", "large", "small 2"));
}

TEST_F(AdmissionLinesTest, ABatchIsOvertakenByInteractiveCallsForABoundedTime) {
  room_[Slots()] = 0;
  Arrive("batch", "b", {{Slots(), 1}}, Priority::kBatch);
  for (int i = 1; i <= 3; ++i)
    Arrive(absl::StrCat("a", i), "a", {{Slots(), 1}});
  Give(Slots(), 1);
  now_ += kOvertake;
  Pump();
  Give(Slots(), 1);
  Give(Slots(), 1);
  EXPECT_THAT(started_, ElementsAre("a1", "batch", "a2"));
}

TEST_F(AdmissionLinesTest, ACallThatGoesOnToAnotherLineKeepsItsSeniority) {
  room_[Slots("x")] = room_[Slots()] = 0;
  Arrive("x1", "a", {{Slots("x"), 1}, {Slots(), 1}});
  Arrive("y1", "a", {{Slots("y"), 1}, {Slots(), 1}});
  Give(Slots("x"), 1);
  EXPECT_EQ(lines_.lines(), 1u);
  Give(Slots(), 1);
  EXPECT_THAT(started_, ElementsAre("x1"));
}

TEST_F(AdmissionLinesTest, AFullQueueGivesUpTheNewestCallOfTheOneWithTheMost) {
  room_[Slots()] = 0;
  Arrive("a1", "a", {{Slots(), 1}});
  const Ticket newest = Arrive("a2", "a", {{Slots(), 1}});
  Arrive("b1", "b", {{Slots(), 1}});
  EXPECT_EQ(lines_.NewestOfTheMost("b"), newest);
  EXPECT_EQ(lines_.NewestOfTheMost("c"), newest);
  EXPECT_EQ(lines_.NewestOfTheMost("a"), std::nullopt);
}

TEST_F(AdmissionLinesTest, TenThousandBehindOneLimitCostNobodyElseALook) {
  room_[Slots("x")] = 0;
  for (int i = 0; i < 10'000; ++i) {
    Arrive("x", absl::StrCat("c", i % 7), {{Slots("x"), 1}, {Slots(), 1}});
  }
  Pump();
  asked_ = 0;
  room_[Slots("y")] = 0;
  Arrive("y", "a", {{Slots("y"), 1}, {Slots(), 1}});
  Give(Slots("y"), 1);
  EXPECT_THAT(started_, ElementsAre("y"));
  EXPECT_LE(asked_, 2);
  Give(Slots("x"), 1);
  EXPECT_LE(asked_, 5);
}

// The order of one line, and that of a list which is searched from end to end.
class AdmissionLinesOrder : public ::testing::TestWithParam<int> {
 protected:
  struct Waiter {
    Ticket ticket;
    std::string caller;
    int priority;
    int64_t amount;
  };

  int64_t Draw(int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random_);
  }
  int64_t& Charged(const Waiter& waiter) {
    return charged_[{waiter.priority, waiter.caller}];
  }
  void Arrive() {
    Waiter waiter = {0, absl::StrCat("c", Draw(0, 4)),
                     static_cast<int>(Draw(0, 1)), Draw(1, 5)};
    if (waiters_.empty()) {
      charged_.clear();
      clock_ = {};
    }
    const bool known =
        std::any_of(waiters_.begin(), waiters_.end(), [&](const Waiter& other) {
          return other.caller == waiter.caller &&
                 other.priority == waiter.priority;
        });
    int64_t& own = Charged(waiter);
    if (!known) own = std::max(own, clock_[waiter.priority]);
    waiter.ticket =
        *lines_.Arrive(waiter.caller, static_cast<Priority>(waiter.priority),
                       {{Slots(), waiter.amount, false}});
    waiters_.push_back(waiter);
  }
  void RemoveOne() {
    const auto gone =
        waiters_.begin() + Draw(0, static_cast<int64_t>(waiters_.size()) - 1);
    ASSERT_TRUE(lines_.Remove(gone->ticket));
    waiters_.erase(gone);
  }
  // The one whose caller has been charged least; of several, the oldest.
  std::vector<Waiter>::iterator Due() {
    const auto key_of = [this](const Waiter& waiter) {
      return std::tuple(waiter.priority, Charged(waiter), waiter.ticket);
    };
    return std::min_element(waiters_.begin(), waiters_.end(),
                            [&](const Waiter& a, const Waiter& b) {
                              return key_of(a) < key_of(b);
                            });
  }
  void AdmitOne() {
    bool has_room = true;
    std::vector<Ticket> admitted;
    lines_.Touch(Slots());
    lines_.Pump(
        absl::FromUnixSeconds(1'800'000'000),
        [&](Ticket ticket) {
          const auto found = std::find_if(
              waiters_.begin(), waiters_.end(),
              [&](const Waiter& waiter) { return waiter.ticket == ticket; });
          return LimitStates{{Slots(), found->amount, has_room}};
        },
        [&](Ticket ticket) {
          admitted.push_back(ticket);
          has_room = false;
        });
    const auto first = Due();
    ASSERT_THAT(admitted, ElementsAre(first->ticket));
    int64_t& time = clock_[first->priority];
    time = std::max(time, Charged(*first));
    Charged(*first) = time + first->amount;
    waiters_.erase(first);
  }

  std::mt19937_64 random_{static_cast<uint64_t>(GetParam())};
  AdmissionLines lines_{absl::Hours(1)};
  std::vector<Waiter> waiters_;
  std::map<std::pair<int, std::string>, int64_t> charged_;
  std::array<int64_t, 2> clock_ = {};
};

TEST_P(AdmissionLinesOrder, IsThatOfASimpleModel) {
  for (int step = 0; step < 400 && !HasFatalFailure(); ++step) {
    const int64_t what = waiters_.empty() ? 0 : Draw(0, 9);
    if (what < 5) {
      Arrive();
    } else if (what == 5) {
      RemoveOne();
    } else {
      AdmitOne();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, AdmissionLinesOrder, ::testing::Range(0, 300));

}  // namespace
}  // namespace holysheep
