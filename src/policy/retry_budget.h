#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace holysheep {

// Keeps retries from multiplying the load on an upstream in trouble: of the
// attempts of the last 10 s at most a share of `ratio` are retries, but 10
// retries in that time are always allowed. Each caller has a share of this: the
// ratio of its own attempts or its part of the 10, whichever is more. What
// others do not use it may use too, but for one retry of each other caller, at
// most half of all. So one caller cannot use up the retries of all, and a share
// that is taken after others have taken more exceeds the whole by at most 10.
// Counts in whole seconds, the current one included. The caller of the
// functions supplies the time. Not thread-safe.
class RetryBudget {
 public:
  // Callers beyond these share one entry.
  static constexpr size_t kMaxCallers = 1000;

  // `ratio` is from 0 to 1; 0 leaves only the 10.
  explicit RetryBudget(double ratio) : ratio_(ratio) {}

  // After a reload.
  void SetRatio(double ratio) { ratio_ = ratio; }

  // Counts a first attempt of `caller`. Once for each call, when its first
  // attempt has been admitted.
  void RecordAttempt(absl::Time now, absl::string_view caller);

  // Whether `caller` may start one more retry now. If so, it is counted.
  bool TryRetry(absl::Time now, absl::string_view caller);

 private:
  static constexpr int kSeconds = 10;
  // The counts of one second, or their sum.
  struct Counts {
    int64_t second = -1;
    int64_t attempts = 0;  // Retries included.
    int64_t retries = 0;
  };
  // The counts of the last seconds.
  struct Window {
    // Those of the second of `now`, cleared if they were of an older one.
    Counts& At(absl::Time now);
    Counts Sum(absl::Time now) const;
    std::array<Counts, kSeconds> ring;
  };

  Window& WindowOf(absl::string_view caller, absl::Time now);
  // Forgets callers without an attempt in the window, once a second.
  void ForgetIdle(absl::Time now);

  double ratio_;
  Window all_;
  // Those with attempts in the window, or in the second before it.
  absl::flat_hash_map<std::string, Window> callers_;
  int64_t swept_ = -1;
};

}  // namespace holysheep
