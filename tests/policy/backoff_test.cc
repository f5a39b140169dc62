#include "policy/backoff.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>

#include "gtest/gtest.h"

namespace holysheep {
namespace {

constexpr absl::Duration kInitial = absl::Seconds(2);
constexpr absl::Duration kMax = absl::Seconds(10);

// Always gives the same bits.
struct ConstantBits {
  using result_type = uint64_t;
  static constexpr result_type min() { return 0; }
  static constexpr result_type max() {
    return std::numeric_limits<result_type>::max();
  }
  result_type operator()() { return bits; }
  result_type bits;
};

TEST(BackoffTest, LastsBetweenHalfOfTheDoubledTimeAndAllOfIt) {
  const struct {
    int retry;
    absl::Duration longest;
  } kCases[] = {
      {1, absl::Seconds(2)},
      {2, absl::Seconds(4)},
      {3, absl::Seconds(8)},
      {4, absl::Seconds(10)},
      {5, absl::Seconds(10)},
      {1000, absl::Seconds(10)},
      {std::numeric_limits<int>::max(), absl::Seconds(10)},
  };
  std::mt19937_64 random(1);
  for (const auto& test : kCases) {
    absl::Duration shortest_seen = absl::InfiniteDuration();
    absl::Duration longest_seen;
    for (int i = 0; i < 1000; ++i) {
      const absl::Duration wait = Backoff(test.retry, kInitial, kMax, random);
      shortest_seen = std::min(shortest_seen, wait);
      longest_seen = std::max(longest_seen, wait);
    }
    EXPECT_GE(shortest_seen, test.longest / 2) << test.retry;
    EXPECT_LT(shortest_seen, test.longest * 0.55) << test.retry;
    EXPECT_LE(longest_seen, test.longest) << test.retry;
    EXPECT_GT(longest_seen, test.longest * 0.95) << test.retry;
  }
}

TEST(BackoffTest, NeverIsLongerThanTheMaximumOrShorterThanHalfTheInitial) {
  ConstantBits least{0};
  ConstantBits most{ConstantBits::max()};
  EXPECT_EQ(Backoff(1, kInitial, kMax, least), absl::Seconds(1));
  EXPECT_LE(Backoff(9, kInitial, kMax, most), kMax);
}

TEST(BackoffTest, AMaximumBelowTheInitialTimeWins) {
  std::mt19937_64 random(2);
  EXPECT_LE(Backoff(1, kInitial, absl::Milliseconds(5), random),
            absl::Milliseconds(5));
}

TEST(BackoffTest, WithoutAnInitialTimeThereIsNoWait) {
  std::mt19937_64 random(3);
  EXPECT_EQ(Backoff(100, absl::ZeroDuration(), kMax, random),
            absl::ZeroDuration());
}

TEST(BackoffTest, CallersWhoFailedTogetherComeBackApart) {
  std::mt19937_64 random(4);
  EXPECT_NE(Backoff(1, kInitial, kMax, random),
            Backoff(1, kInitial, kMax, random));
}

}  // namespace
}  // namespace holysheep
