#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "policy/limiter.h"

namespace holysheep {
namespace {

constexpr const char* kModels[] = {"m", "n", "o"};
constexpr const char* kCallers[] = {"a", "b", "c"};

// Attempts start at random times, at several models and callers, and use
// other amounts of tokens than they reserved.
class LimiterProperty : public ::testing::TestWithParam<int> {
 protected:
  int64_t Draw(int64_t least, int64_t most) {
    return std::uniform_int_distribution<int64_t>(least, most)(random_);
  }

  struct Start {
    absl::Time time;
    std::string model;
    std::string caller;
  };
  // The most of those `counted` that began in one stretch of 60 s.
  template <typename Counted>
  int64_t MostInAMinute(Counted counted) const {
    int64_t most = 0;
    for (const Start& first : starts_) {
      most = std::max<int64_t>(
          most, std::count_if(
                    starts_.begin(), starts_.end(), [&](const Start& start) {
                      return counted(start) && start.time >= first.time &&
                             start.time < first.time + absl::Minutes(1);
                    }));
    }
    return most;
  }

  std::mt19937_64 random_{static_cast<uint64_t>(GetParam())};
  std::vector<Start> starts_;
};

TEST_P(LimiterProperty, Promise06NoMinuteSeesMoreStartsThanAnyLimitAllows) {
  LimiterOptions options;
  options.service.requests_per_minute = Draw(5, 12);
  options.service.max_concurrent = Draw(2, 5);
  const int64_t model_limit = Draw(2, 6), caller_limit = Draw(2, 6);
  Limiter limiter(options);
  std::vector<Limiter::Reservation> under_way;
  absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  for (int step = 0; step < 800; ++step) {
    now += absl::Milliseconds(Draw(0, 1) * Draw(0, 4000));
    QuotaRequest quota;
    quota.model = kModels[Draw(0, 2)];
    quota.caller = kCallers[Draw(0, 2)];
    quota.tokens = 10;
    quota.gates = {{{SubjectKind::kModel, quota.model},
                    {.requests_per_minute = model_limit}},
                   {{SubjectKind::kCaller, quota.caller},
                    {.requests_per_minute = caller_limit}}};
    if (limiter.Check(now, quota)) {
      if (limiter.in_flight() > 0 && Draw(0, 1) == 0) {
        limiter.Release(under_way.back());
        under_way.pop_back();
      }
      continue;
    }
    const Limiter::Reservation reservation = limiter.Take(now, quota);
    limiter.Settle(now, reservation, Draw(0, 20), Money());
    under_way.push_back(reservation);
    starts_.push_back({now, quota.model, quota.caller});
    ASSERT_LE(limiter.in_flight(), options.service.max_concurrent);
  }
  EXPECT_GT(starts_.size(), 50u);
  EXPECT_LE(MostInAMinute([](const Start&) { return true; }),
            options.service.requests_per_minute);
  for (const char* name : kModels) {
    EXPECT_LE(MostInAMinute([&](const Start& s) { return s.model == name; }),
              model_limit);
  }
  for (const char* name : kCallers) {
    EXPECT_LE(MostInAMinute([&](const Start& s) { return s.caller == name; }),
              caller_limit);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, LimiterProperty, ::testing::Range(0, 10));

}  // namespace
}  // namespace holysheep
