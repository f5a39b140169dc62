#pragma once

#include <cstdint>
#include <deque>

#include "absl/time/time.h"

namespace holysheep {

// Admits at most `limit` units in any stretch of `window`, exactly: it
// remembers when each amount was taken, and an amount stops to count when it is
// as old as the window. A unit is an upstream attempt or a token. Memory grows
// with the amounts taken in a window. The caller supplies the time, which must
// not run backwards. Not thread-safe. A sliding window, because a fixed one
// lets twice the limit pass around its border.
class RateWindow {
 public:
  // A `limit` of 0 is unlimited; amounts taken without a limit are not counted.
  explicit RateWindow(int64_t limit = 0,
                      absl::Duration window = absl::Minutes(1));

  int64_t limit() const { return limit_; }
  // Applies to amounts taken from now on; earlier ones stay counted.
  void SetLimit(int64_t limit) { limit_ = limit; }

  // Whether `amount` may be taken now. An amount above the limit counts as the
  // whole limit, so that it can pass at all. Takes constant time on average.
  bool Fits(absl::Time now, int64_t amount);

  // Takes `amount`, which must fit, and returns a ticket for Settle, or 0,
  // which Settle ignores, if there is no limit.
  uint64_t Take(absl::Time now, int64_t amount);

  // Corrects the amount taken with `ticket` to the real one, as long as it
  // still counts. The sum may then exceed the limit. A ticket that has left the
  // window is ignored.
  void Settle(uint64_t ticket, int64_t amount);

  // The earliest time at which `amount` can fit if `ahead` units are taken
  // before it, each as soon as it can be; `now` if it fits at once, as
  // nothing always does. Settlements
  // cannot be foreseen, so it may turn out earlier. Linear in the entries of
  // the window.
  absl::Time EarliestFit(absl::Time now, int64_t amount, int64_t ahead);

  // The units taken in the window that ends now.
  int64_t Used(absl::Time now);

 private:
  struct Entry {
    absl::Time taken;
    int64_t amount;
  };

  // Drops the entries that are as old as the window.
  void Expire(absl::Time now);
  // The time at which unit number `unit` (1, 2, ...) of those used was taken.
  absl::Time TimeOf(int64_t unit) const;

  int64_t limit_;
  const absl::Duration window_;
  int64_t used_ = 0;
  // Ticket of entries_.front(); tickets count up by one.
  uint64_t first_ticket_ = 1;
  std::deque<Entry> entries_;
};

}  // namespace holysheep
