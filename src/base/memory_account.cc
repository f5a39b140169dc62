// Invariants: `bytes_` is the sum of all shares' bytes, and a share's bytes are
// the sum of what its holders have taken. A share is in `shares_` exactly while
// it has holders, so that names that are gone leave nothing behind.
#include "base/memory_account.h"

#include <algorithm>
#include <utility>

#include "base/errors.h"

namespace holysheep {
namespace {

// How long until another attempt makes sense is not known: what is held goes
// when readers read or calls end.
constexpr absl::Duration kRetryAfter = absl::Seconds(1);

ErrorDetails Details() {
  ErrorDetails details;
  details.limit = "limits.max_memory";
  details.subject = "service";
  return details;
}

int64_t RoundedUp(int64_t bytes) {
  constexpr int64_t kStep = MemoryAccount::kStep;
  return std::max<int64_t>((bytes + kStep - 1) / kStep, 1) * kStep;
}

int64_t SevenEighths(int64_t bytes) { return bytes - bytes / 8; }

}  // namespace

void MemoryAccount::SetOptions(const MemoryOptions& options) {
  const std::lock_guard lock(mutex_);
  options_ = options;
}

absl::StatusOr<HeldMemory> MemoryAccount::Take(absl::string_view caller,
                                               int64_t bytes) {
  const int64_t taken = RoundedUp(bytes);
  const std::lock_guard lock(mutex_);
  const auto known = shares_.find(caller);
  Share* share = known == shares_.end() ? nullptr : &known->second;
  if (!HasRoomFor(share, taken)) return NewcomersError(taken);
  if (share == nullptr) {
    share = &shares_[std::string(caller)];
    share->caller = std::string(caller);
  }
  ++share->holders;
  share->bytes += taken;
  bytes_ += taken;
  HeldMemory held(*this, *share);
  held.used_ = bytes;
  held.taken_ = taken;
  return held;
}

bool MemoryAccount::HasRoomFor(const Share* share, int64_t taken) const {
  const int64_t left = options_.max_bytes - bytes_ - taken;
  if (left < 0) return false;
  if (!options_.shared)
    return bytes_ + taken <= SevenEighths(options_.max_bytes);
  const int64_t own = share == nullptr ? 0 : share->bytes;
  return own + taken <= SevenEighths(left);
}

absl::Status MemoryAccount::NewcomersError(int64_t taken) const {
  ErrorDetails details = Details();
  // Alone in an account that is shared, a caller may take 7 of 15 parts.
  const int64_t most = options_.shared ? options_.max_bytes / 15 * 7
                                       : SevenEighths(options_.max_bytes);
  if (taken > most) {
    return MakeError(Reason::kQueueFull,
                     "the request is larger than limits.max_memory allows one "
                     "caller",
                     details);
  }
  details.retry_after = kRetryAfter;
  return MakeError(Reason::kQueueFull,
                   "the service holds as much for its callers as "
                   "limits.max_memory allows; try again later",
                   details);
}

bool MemoryAccount::Grow(Share& share, int64_t bytes) {
  const std::lock_guard lock(mutex_);
  if (bytes > options_.max_bytes - bytes_) return false;
  if (options_.shared && share.bytes + bytes > options_.max_bytes / 2) {
    return false;
  }
  share.bytes += bytes;
  bytes_ += bytes;
  return true;
}

void MemoryAccount::GiveBack(Share& share, int64_t bytes, bool leaves) {
  const std::lock_guard lock(mutex_);
  bytes_ -= bytes;
  share.bytes -= bytes;
  if (leaves && --share.holders == 0) shares_.erase(share.caller);
}

void MemoryAccount::Join(Share& share) {
  const std::lock_guard lock(mutex_);
  ++share.holders;
}

int64_t MemoryAccount::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

int64_t MemoryAccount::max_bytes() const {
  const std::lock_guard lock(mutex_);
  return options_.max_bytes;
}

HeldMemory::HeldMemory(HeldMemory&& other) noexcept
    : account_(std::exchange(other.account_, nullptr)),
      share_(std::exchange(other.share_, nullptr)),
      used_(std::exchange(other.used_, 0)),
      taken_(std::exchange(other.taken_, 0)) {}

HeldMemory& HeldMemory::operator=(HeldMemory&& other) noexcept {
  if (this == &other) return *this;
  GiveBack();
  account_ = std::exchange(other.account_, nullptr);
  share_ = std::exchange(other.share_, nullptr);
  used_ = std::exchange(other.used_, 0);
  taken_ = std::exchange(other.taken_, 0);
  return *this;
}

bool HeldMemory::TakeMore(int64_t needed) {
  const int64_t more = RoundedUp(needed) - taken_;
  if (!account_->Grow(*share_, more)) return false;
  taken_ += more;
  return true;
}

// A whole step is kept, so that a queue which is filled and emptied in turn
// does not go to the account each time.
void HeldMemory::Shrink(int64_t bytes) {
  if (account_ == nullptr) return;
  used_ -= bytes;
  const int64_t kept = RoundedUp(used_) + MemoryAccount::kStep;
  if (taken_ <= kept) return;
  account_->GiveBack(*share_, taken_ - kept, /*leaves=*/false);
  taken_ = kept;
}

HeldMemory HeldMemory::Another() const {
  if (account_ == nullptr) return {};
  account_->Join(*share_);
  return HeldMemory(*account_, *share_);
}

void HeldMemory::GiveBack() {
  if (account_ == nullptr) return;
  account_->GiveBack(*share_, taken_, /*leaves=*/true);
  account_ = nullptr;
}

absl::Status OutOfMemoryError() {
  ErrorDetails details = Details();
  details.retry_after = kRetryAfter;
  details.lasting = true;
  return MakeError(Reason::kQueueFull,
                   "the service holds as much for its callers as "
                   "limits.max_memory allows, so this call could not go on",
                   details);
}

bool IsOutOfMemory(const absl::Status& error) {
  return ReasonOf(error) == Reason::kQueueFull && DetailsOf(error).lasting;
}

}  // namespace holysheep
