#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "policy/admission/admission_lines.h"

namespace holysheep {
namespace {

constexpr absl::Duration kMinute = absl::Minutes(1);
constexpr absl::Duration kLongestRun = absl::Seconds(5);

// The limits, counted in the simplest way: everything is kept, and added up
// each time.
class SlowLimits {
 public:
  struct Want {
    std::string caller;
    std::string model;
    int64_t tokens = 1;
  };
  struct Taken {
    Want want;
    absl::Time start;
    bool running = true;
  };

  int64_t service_requests = 0, service_slots = 0, model_tokens = 0,
          caller_requests = 0;
  std::vector<Taken> taken;

  LimitStates StatesOf(absl::Time now, const Want& want) const {
    LimitStates states;
    const auto add = [&](Limit limit, Subject subject, int64_t most,
                         int64_t amount) {
      if (most == 0) return;
      const LineKey key = {limit, subject, {}};
      states.push_back({key, std::min(amount, most),
                        Used(now, key) + std::min(amount, most) <= most,
                        EarliestFit(now, key, most, std::min(amount, most))});
    };
    add(Limit::kRequestsPerMinute, {SubjectKind::kCaller, want.caller},
        caller_requests, 1);
    add(Limit::kTokensPerMinute, {SubjectKind::kModel, want.model},
        model_tokens, want.tokens);
    add(Limit::kMaxConcurrent, {}, service_slots, 1);
    add(Limit::kRequestsPerMinute, {}, service_requests, 1);
    return states;
  }

  int64_t Used(absl::Time now, const LineKey& key) const {
    int64_t used = 0;
    for (const Taken& one : taken) used += AmountOf(one, now, key);
    return used;
  }

 private:
  int64_t AmountOf(const Taken& one, absl::Time now, const LineKey& key) const {
    if (key.limit == Limit::kMaxConcurrent) return one.running ? 1 : 0;
    if (one.start + kMinute <= now) return 0;
    const SubjectKind kind = key.subject.kind;
    const std::string& name = key.subject.name;
    if (kind == SubjectKind::kCaller && name != one.want.caller) return 0;
    if (kind == SubjectKind::kModel && name != one.want.model) return 0;
    return key.limit == Limit::kTokensPerMinute
               ? std::min(one.want.tokens, model_tokens)
               : 1;
  }
  absl::Time EarliestFit(absl::Time now, const LineKey& key, int64_t most,
                         int64_t amount) const {
    if (Used(now, key) + amount <= most) return now;
    if (key.limit == Limit::kMaxConcurrent) return absl::InfiniteFuture();
    std::set<absl::Time> ends = {now};
    for (const Taken& one : taken) ends.insert(one.start + kMinute);
    for (const absl::Time end : ends) {
      if (end >= now && Used(end, key) + amount <= most) return end;
    }
    return absl::InfiniteFuture();
  }
};

class AdmissionLinesRandomTest : public ::testing::TestWithParam<int> {
 protected:
  using Ticket = AdmissionLines::Ticket;
  struct Waiter {
    SlowLimits::Want want;
    absl::Time since;
  };

  int64_t Draw(int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random_);
  }
  void DrawLimits() {
    limits_.service_slots = Draw(1, 4);
    limits_.service_requests = Draw(0, 1) * Draw(20, 60);
    limits_.model_tokens = Draw(0, 2) == 0 ? 0 : Draw(50, 300);
    limits_.caller_requests = Draw(0, 1) * Draw(5, 20);
  }

  void Start(const SlowLimits::Want& want) {
    std::erase_if(limits_.taken, [this](const SlowLimits::Taken& one) {
      return !one.running && one.start + kMinute <= now_;
    });
    limits_.taken.push_back({want, now_});
    for (const LimitState& state : limits_.StatesOf(now_, want)) {
      const int64_t used = limits_.Used(now_, state.key);
      // Over it only by what a reload has made of the limit meanwhile.
      EXPECT_LE(used, largest_[state.key.limit]);
    }
  }
  void Arrive() {
    const SlowLimits::Want want = {
        absl::StrCat("c", Draw(0, 2)), absl::StrCat("m", Draw(0, 2)),
        Draw(0, 9) == 0 ? Draw(30, 300) : Draw(1, 9)};
    const LimitStates states = limits_.StatesOf(now_, want);
    const bool fits =
        std::all_of(states.begin(), states.end(),
                    [](const LimitState& state) { return state.has_room; });
    const auto priority = static_cast<Priority>(Draw(0, 3) == 0);
    const auto ticket = lines_.Arrive(want.caller, priority, states);
    if (fits && waiting_.empty()) {
      EXPECT_FALSE(ticket.has_value());
    }
    if (!ticket.has_value()) {
      EXPECT_TRUE(fits);
      return Start(want);
    }
    waiting_[*ticket] = {want, now_};
  }
  void TouchAfter(const SlowLimits::Want& want) {
    for (const LimitState& state : limits_.StatesOf(now_, want)) {
      lines_.Touch(state.key);
    }
  }
  void EndOne(bool only_overdue) {
    for (SlowLimits::Taken& one : limits_.taken) {
      if (!one.running) continue;
      if (only_overdue && one.start + kLongestRun > now_) continue;
      one.running = false;
      one.want.tokens = Draw(0, one.want.tokens);
      TouchAfter(one.want);
      if (!only_overdue) return;
    }
  }
  void Pump() {
    int turns = 0;
    do {
      lines_.Pump(
          now_,
          [&](Ticket ticket) {
            return limits_.StatesOf(now_, waiting_.at(ticket).want);
          },
          [&](Ticket ticket) {
            const Waiter waiter = waiting_.at(ticket);
            for (const auto& state : limits_.StatesOf(now_, waiter.want)) {
              ASSERT_TRUE(state.has_room);
            }
            waiting_.erase(ticket);
            longest_ = std::max(longest_, now_ - waiter.since);
            Start(waiter.want);
          });
      ASSERT_LT(++turns, 20) << GetParam();
    } while (lines_.NextPump() <= now_);
    ASSERT_EQ(lines_.size(), waiting_.size());
  }
  // Nobody waits whom no limit blocks, unless some call has waited for so
  // long that room may be held for it.
  void CheckThatAllWaitForAReason() {
    const bool someone_is_held = std::any_of(
        waiting_.begin(), waiting_.end(), [this](const auto& entry) {
          return entry.second.since + overtake_ <= now_;
        });
    for (const auto& [ticket, waiter] : waiting_) {
      const LimitStates states = limits_.StatesOf(now_, waiter.want);
      const bool fits =
          std::all_of(states.begin(), states.end(),
                      [](const LimitState& state) { return state.has_room; });
      if (fits) {
        EXPECT_TRUE(someone_is_held) << "ticket " << ticket;
      }
    }
  }

  absl::Duration overtake_ = absl::Seconds(10);
  std::mt19937_64 random_{static_cast<uint64_t>(GetParam())};
  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  SlowLimits limits_;
  AdmissionLines lines_{overtake_};
  std::map<Ticket, Waiter> waiting_;
  std::map<Limit, int64_t> largest_ = {{Limit::kMaxConcurrent, 4},
                                       {Limit::kRequestsPerMinute, 60},
                                       {Limit::kTokensPerMinute, 300}};
  absl::Duration longest_;
};

TEST_P(AdmissionLinesRandomTest, EveryCallIsServedAndNoLimitIsExceeded) {
  DrawLimits();
  for (int step = 0; step < 150; ++step) {
    now_ += absl::Milliseconds(Draw(0, 1) * Draw(0, 3000));
    EndOne(true);
    const int64_t what = Draw(0, 9);
    if (what < 6 && waiting_.size() < 30) Arrive();
    if (what == 6) EndOne(false);
    if (what == 7 && !waiting_.empty()) {
      const auto gone = std::next(
          waiting_.begin(), Draw(0, static_cast<int64_t>(waiting_.size()) - 1));
      EXPECT_TRUE(lines_.Remove(gone->first));
      waiting_.erase(gone);
    }
    if (what == 8 && Draw(0, 19) == 0) {
      DrawLimits();
      lines_.TouchAll();
    }
    Pump();
    CheckThatAllWaitForAReason();
    if (HasFatalFailure()) return;
  }
  // Others go on coming: those who wait are served nevertheless.
  const Ticket last = waiting_.empty() ? 0 : waiting_.rbegin()->first;
  const absl::Time since = now_;
  while (!waiting_.empty() && waiting_.begin()->first <= last) {
    now_ += absl::Milliseconds(500);
    EndOne(true);
    if (waiting_.size() < 30) Arrive();
    Pump();
    // Each of 30 waits for at most a window at each of its limits.
    ASSERT_LT(now_ - since, 30 * kMinute);
  }
  while (!waiting_.empty()) {
    now_ += absl::Milliseconds(500);
    EndOne(true);
    Pump();
    ASSERT_LT(now_ - since, 60 * kMinute);
  }
  EXPECT_EQ(lines_.lines(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Seeds, AdmissionLinesRandomTest,
                         ::testing::Range(0, 120));

}  // namespace
}  // namespace holysheep
