#pragma once

#include <cstdint>
#include <deque>

#include "absl/time/time.h"

namespace holysheep {

// Lets at most `limit` units through in any stretch of `window`, exactly: it
// remembers when each amount was taken, and an amount no longer counts when it
// is as old as the window. A unit is an upstream attempt or a token. Told the
// time by its caller, which must not run backwards; not thread-safe.
class RateWindow {
 public:
  // A limit of 0 is none, and what is taken without a limit is not counted.
  explicit RateWindow(int64_t limit, absl::Duration window = absl::Minutes(1));

  int64_t limit() const { return limit_; }
  // Holds for what is taken from now on; what was taken stays counted.
  void SetLimit(int64_t limit) { limit_ = limit; }

  // Whether `amount` may be taken now. An amount over the limit counts as the
  // whole limit, so that it can pass at all.
  bool Fits(absl::Time now, int64_t amount);

  // Takes `amount`, which must fit, and returns a ticket for Settle; 0, which
  // Settle ignores, if it is not counted.
  uint64_t Take(absl::Time now, int64_t amount);

  // Corrects what `ticket` took to what was really used, so long as that still
  // counts; may bring the sum over the limit. A ticket that has left the
  // window is ignored.
  void Settle(uint64_t ticket, int64_t amount);

  // The earliest time at which `amount` can fit if `ahead` units are taken
  // before it, one by one and as soon as they can be; `now` if it fits at once.
  // No settlement can be foreseen, so it may turn out earlier.
  absl::Time EarliestFit(absl::Time now, int64_t amount, int64_t ahead);

  // Units taken in the window that ends now.
  int64_t Used(absl::Time now);

 private:
  struct Entry {
    absl::Time taken;
    int64_t amount;
  };

  void Expire(absl::Time now);
  // When the unit was taken that is number `unit` (1, 2, ...) of those used.
  absl::Time TimeOf(int64_t unit) const;

  int64_t limit_;
  const absl::Duration window_;
  int64_t used_ = 0;
  // Ticket of entries_.front(); tickets count up by one.
  uint64_t first_ticket_ = 1;
  std::deque<Entry> entries_;
};

}  // namespace holysheep
