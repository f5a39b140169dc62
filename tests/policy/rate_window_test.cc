#include "policy/rate_window.h"

#include <algorithm>
#include <limits>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace holysheep {
namespace {

constexpr absl::Time kStart = absl::FromUnixSeconds(1'800'000'000);

absl::Time At(double seconds) { return kStart + absl::Seconds(seconds); }

TEST(RateWindowTest, LetsTheWholeLimitThroughAtOnceAndNoMore) {
  RateWindow window(3);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(window.Fits(At(0), 1)) << i;
    window.Take(At(0), 1);
  }
  EXPECT_FALSE(window.Fits(At(0), 1));
  EXPECT_EQ(window.Used(At(0)), 3);
}

TEST(RateWindowTest, WhatIsAsOldAsTheWindowNoLongerCounts) {
  RateWindow window(2);
  window.Take(At(0), 1);
  window.Take(At(10), 1);
  EXPECT_FALSE(window.Fits(At(60) - absl::Nanoseconds(1), 1));
  EXPECT_TRUE(window.Fits(At(60), 1));
  EXPECT_FALSE(window.Fits(At(60), 2));
  EXPECT_TRUE(window.Fits(At(70), 2));
}

TEST(RateWindowTest, ALimitOfZeroIsNoneAndCountsNothing) {
  RateWindow window(0);
  for (int i = 0; i < 1000; ++i) {
    ASSERT_TRUE(window.Fits(At(0), 1'000'000));
    window.Settle(window.Take(At(0), 1'000'000), 5);
  }
  EXPECT_EQ(window.Used(At(0)), 0);
  EXPECT_EQ(window.EarliestFit(At(0), 1'000'000, 1'000'000), At(0));
}

TEST(RateWindowTest, AnAmountOverTheLimitPassesAloneAsTheWholeLimit) {
  RateWindow window(100);
  window.Take(At(0), 1);
  EXPECT_FALSE(window.Fits(At(1), 5000));
  EXPECT_EQ(window.EarliestFit(At(1), 5000, 0), At(60));
  ASSERT_TRUE(window.Fits(At(60), 5000));
  window.Take(At(60), 5000);
  EXPECT_EQ(window.Used(At(60)), 100);
}

TEST(RateWindowTest, NothingAlwaysFitsAlsoWhereTheLimitWasLowered) {
  RateWindow window(3);
  window.Take(At(0), 3);
  window.SetLimit(1);
  EXPECT_TRUE(window.Fits(At(1), 0));
  EXPECT_EQ(window.EarliestFit(At(1), 0, 0), At(1));
  EXPECT_GT(window.Take(At(1), 0), 0u);
  EXPECT_FALSE(window.Fits(At(1), 1));
}

TEST(RateWindowTest, SettlingGivesBackWhatWasNotUsed) {
  RateWindow window(100);
  const uint64_t ticket = window.Take(At(0), 80);
  window.Settle(ticket, 30);
  EXPECT_EQ(window.Used(At(0)), 30);
  EXPECT_TRUE(window.Fits(At(0), 70));
  EXPECT_FALSE(window.Fits(At(0), 71));
}

TEST(RateWindowTest, SettlingMayPassTheLimit) {
  RateWindow window(100);
  const uint64_t ticket = window.Take(At(0), 80);
  window.Settle(ticket, 250);
  EXPECT_EQ(window.Used(At(0)), 250);
  EXPECT_FALSE(window.Fits(At(59), 1));
  EXPECT_EQ(window.EarliestFit(At(59), 1, 0), At(60));
}

TEST(RateWindowTest, ATicketThatHasLeftTheWindowIsIgnored) {
  RateWindow window(100);
  const uint64_t old_ticket = window.Take(At(0), 80);
  const uint64_t ticket = window.Take(At(60), 40);
  window.Settle(old_ticket, 100);
  EXPECT_EQ(window.Used(At(60)), 40);
  window.Settle(ticket, 10);
  EXPECT_EQ(window.Used(At(60)), 10);
}

TEST(RateWindowTest, ATicketFromBeforeThereWasALimitIsIgnored) {
  RateWindow window(0);
  const uint64_t uncounted = window.Take(At(0), 80);
  EXPECT_EQ(uncounted, 0);
  window.SetLimit(100);
  window.Take(At(0), 40);
  window.Settle(uncounted, 70);
  EXPECT_EQ(window.Used(At(0)), 40);
}

TEST(RateWindowTest, AnAbsurdSettlementDoesNotOverflow) {
  RateWindow window(100);
  const int64_t most = std::numeric_limits<int64_t>::max();
  window.Settle(window.Take(At(0), 1), most);
  EXPECT_FALSE(window.Fits(At(0), 1));
  EXPECT_EQ(window.EarliestFit(At(0), 100, 100), At(120));

  RateWindow other(100);
  other.Settle(other.Take(At(0), 50), -most);
  EXPECT_EQ(other.Used(At(0)), 0);
}

TEST(RateWindowTest, ANewLimitHoldsForWhatComesAndKeepsWhatWas) {
  RateWindow window(10);
  window.Take(At(0), 8);
  window.SetLimit(5);
  EXPECT_FALSE(window.Fits(At(0), 1));
  EXPECT_EQ(window.EarliestFit(At(0), 1, 0), At(60));
  window.SetLimit(20);
  EXPECT_TRUE(window.Fits(At(0), 12));
  EXPECT_FALSE(window.Fits(At(0), 13));
}

TEST(RateWindowTest, SaysWhenAnAmountCanFitBehindOthers) {
  // Limit 3; one unit each was taken at 0 s, 10 s and 20 s. Now it is 30 s.
  const struct {
    int64_t amount, ahead;
    double seconds;
  } kCases[] = {
      {1, 0, 60},  {2, 0, 70},  {3, 0, 80},   {1, 1, 70},
      {1, 2, 80},  {1, 3, 120}, {3, 3, 140},  {1, 5, 140},
      {1, 6, 180}, {9, 0, 80},  {1, 30, 660},
  };
  for (const auto& test : kCases) {
    RateWindow window(3);
    for (const double seconds : {0, 10, 20}) window.Take(At(seconds), 1);
    EXPECT_EQ(window.EarliestFit(At(30), test.amount, test.ahead),
              At(test.seconds))
        << test.amount << " behind " << test.ahead;
  }
}

TEST(RateWindowTest, WhatFitsBehindOthersFitsNow) {
  RateWindow window(5);
  window.Take(At(0), 2);
  EXPECT_EQ(window.EarliestFit(At(1), 2, 1), At(1));
  EXPECT_EQ(window.EarliestFit(At(1), 3, 1), At(60));
  // Three more now, and again as soon as those have left.
  EXPECT_EQ(window.EarliestFit(At(1), 1, 5), At(61));
}

// Knows every amount ever taken and adds them up anew each time.
class Reference {
 public:
  explicit Reference(int64_t limit) : limit_(limit) {}

  int64_t Used(absl::Time now) const {
    int64_t used = 0;
    for (const Taken& taken : all_) {
      if (now - taken.time < absl::Minutes(1)) used += taken.amount;
    }
    return used;
  }
  bool Fits(absl::Time now, int64_t amount) const {
    return Used(now) + std::min(amount, limit_) <= limit_;
  }
  size_t Take(absl::Time now, int64_t amount) {
    all_.push_back({now, std::min(amount, limit_)});
    return all_.size() - 1;
  }
  void Settle(size_t index, int64_t amount) { all_[index].amount = amount; }

  // The most that was taken in a window; one that begins with an amount is
  // enough, since others hold no more.
  int64_t MostInAnyWindow() const {
    int64_t most = 0;
    for (const Taken& first : all_) {
      int64_t sum = 0;
      for (const Taken& taken : all_) {
        const absl::Duration after = taken.time - first.time;
        if (after >= absl::ZeroDuration() && after < absl::Minutes(1)) {
          sum += taken.amount;
        }
      }
      most = std::max(most, sum);
    }
    return most;
  }

 private:
  struct Taken {
    absl::Time time;
    int64_t amount;
  };
  const int64_t limit_;
  std::vector<Taken> all_;
};

class RateWindowProperty : public ::testing::TestWithParam<int> {
 protected:
  int64_t Draw(int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random_);
  }

  std::mt19937_64 random_{static_cast<uint64_t>(GetParam())};
};

TEST_P(RateWindowProperty, InNoWindowMoreThanTheLimitIsTaken) {
  const int64_t limit = Draw(1, 20);
  RateWindow window(limit);
  Reference reference(limit);
  absl::Time now = kStart;
  for (int step = 0; step < 600; ++step) {
    now += absl::Milliseconds(Draw(0, 1) * Draw(0, 8000));
    const int64_t amount = Draw(1, limit + 2);
    ASSERT_EQ(window.Fits(now, amount), reference.Fits(now, amount)) << step;
    if (!window.Fits(now, amount)) continue;
    window.Take(now, amount);
    reference.Take(now, amount);
  }
  EXPECT_LE(reference.MostInAnyWindow(), limit);
}

TEST_P(RateWindowProperty, AgreesWithTheReferenceOnSettlements) {
  const int64_t limit = Draw(1, 1000);
  RateWindow window(limit);
  Reference reference(limit);
  std::vector<std::pair<uint64_t, size_t>> tickets;
  absl::Time now = kStart;
  for (int step = 0; step < 600; ++step) {
    now += absl::Milliseconds(Draw(0, 1) * Draw(0, 8000));
    const int64_t amount = Draw(0, limit);
    if (window.Fits(now, amount)) {
      tickets.emplace_back(window.Take(now, amount),
                           reference.Take(now, amount));
    }
    if (!tickets.empty() && Draw(0, 1) == 0) {
      const auto& [ticket, index] = tickets[Draw(0, tickets.size() - 1)];
      const int64_t really = Draw(0, 2 * limit);
      window.Settle(ticket, really);
      reference.Settle(index, really);
    }
    ASSERT_EQ(window.Used(now), reference.Used(now)) << step;
  }
}

TEST_P(RateWindowProperty, TheEarliestFitIsTheFirstMomentThatFits) {
  const int64_t limit = Draw(1, 10);
  RateWindow window(limit);
  absl::Time now = kStart;
  for (int step = 0; step < 50; ++step) {
    now += absl::Milliseconds(Draw(0, 1) * Draw(0, 30'000));
    const int64_t amount = Draw(1, limit);
    if (window.Fits(now, amount)) window.Take(now, amount);
  }
  const int64_t ahead = Draw(0, 3 * limit);
  const int64_t amount = Draw(1, limit);
  const absl::Time earliest = window.EarliestFit(now, amount, ahead);

  // Those ahead go one by one, as soon as they can.
  for (int64_t i = 0; i < ahead; ++i) {
    now = window.EarliestFit(now, 1, 0);
    ASSERT_TRUE(window.Fits(now, 1));
    window.Take(now, 1);
  }
  if (earliest > now) {
    now = earliest - absl::Nanoseconds(1);
    EXPECT_FALSE(window.Fits(now, amount));
  }
  EXPECT_TRUE(window.Fits(std::max(now, earliest), amount));
}

INSTANTIATE_TEST_SUITE_P(Seeds, RateWindowProperty, ::testing::Range(0, 20));

}  // namespace
}  // namespace holysheep
