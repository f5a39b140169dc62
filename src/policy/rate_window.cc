#include "policy/rate_window.h"

#include <algorithm>
#include <cassert>

namespace holysheep {
// Invariants: `entries_` are ordered by time and all younger than the window
// after Expire; `used_` is the sum of their amounts; the ticket of entries_[i]
// is `first_ticket_` + i, which stays true because entries leave only at the
// front.

namespace {

// More than anyone uses in a window, and small enough that sums do not
// overflow: settled amounts come from the upstream.
constexpr int64_t kMaxAmount = 1'000'000'000'000;

}  // namespace

RateWindow::RateWindow(int64_t limit, absl::Duration window)
    : limit_(limit), window_(window) {}

bool RateWindow::Fits(absl::Time now, int64_t amount) {
  if (limit_ == 0 || amount == 0) return true;
  Expire(now);
  return used_ + std::min(amount, limit_) <= limit_;
}

uint64_t RateWindow::Take(absl::Time now, int64_t amount) {
  if (limit_ == 0) return 0;
  assert(Fits(now, amount));
  Expire(now);
  const int64_t counted = std::min(amount, limit_);
  entries_.push_back({now, counted});
  used_ += counted;
  return first_ticket_ + entries_.size() - 1;
}

void RateWindow::Settle(uint64_t ticket, int64_t amount) {
  if (ticket < first_ticket_) return;
  const uint64_t index = ticket - first_ticket_;
  if (index >= entries_.size()) return;
  const int64_t counted = std::clamp<int64_t>(amount, 0, kMaxAmount);
  used_ += counted - entries_[index].amount;
  entries_[index].amount = counted;
}

absl::Time RateWindow::EarliestFit(absl::Time now, int64_t amount,
                                   int64_t ahead) {
  if (limit_ == 0 || amount == 0) return now;
  Expire(now);
  // Number the units 1, 2, ... in the order in which they are taken: first the
  // used ones, then those ahead, then `amount`. A unit can be taken when the
  // one `limit_` places before it has left the window. So the last unit of
  // `amount` waits for `unit`, which in turn may still have to wait.
  int64_t unit = used_ + ahead + std::min(amount, limit_) - limit_;
  int64_t windows = 0;
  if (unit > used_) {  // One that is still ahead: back to one used, or to now.
    windows = (unit - used_ + limit_ - 1) / limit_;
    unit -= windows * limit_;
  }
  if (unit <= 0) return now + windows * window_;
  return TimeOf(unit) + (windows + 1) * window_;
}

int64_t RateWindow::Used(absl::Time now) {
  Expire(now);
  return used_;
}

absl::Time RateWindow::TimeOf(int64_t unit) const {
  for (const Entry& entry : entries_) {
    unit -= entry.amount;
    if (unit <= 0) return entry.taken;
  }
  return entries_.back().taken;
}

void RateWindow::Expire(absl::Time now) {
  while (!entries_.empty() && entries_.front().taken + window_ <= now) {
    used_ -= entries_.front().amount;
    entries_.pop_front();
    ++first_ticket_;
  }
}

}  // namespace holysheep
