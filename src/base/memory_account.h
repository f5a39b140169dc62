#pragma once

#include <cstdint>
#include <limits>
#include <mutex>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/node_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace holysheep {

// From `limits.max_memory`; see DefaultMaxMemory in memory_limit.h.
struct MemoryOptions {
  int64_t max_bytes = std::numeric_limits<int64_t>::max();
  // Whether there can be several callers, each of whom then has a share.
  bool shared = false;

  bool operator==(const MemoryOptions&) const = default;
};

class HeldMemory;

// The one account of the bytes that clients make the service hold: requests,
// answers under way, and what slow readers have not taken. Amounts are given,
// not measured, and taken in steps of kStep, so that most additions touch no
// lock. Running calls may fill the account; newcomers leave an eighth to them.
// Where callers share it, a newcomer is taken only while its caller would hold
// at most seven eighths of what is then left free, so that there is room for
// one more caller, and no running call takes its caller beyond half of all.
// Thread-safe. Must outlive what it has handed out.
class MemoryAccount {
 public:
  // About what a call costs besides its messages: no call holds less.
  static constexpr int64_t kStep = 16 << 10;

  explicit MemoryAccount(const MemoryOptions& options) : options_(options) {}

  // Applies to what is taken from now on.
  void SetOptions(const MemoryOptions& options);

  // Takes `bytes` for a newcomer of `caller`. QUEUE_FULL if there is no room,
  // with RetryInfo unless it is more than one caller may ever hold.
  absl::StatusOr<HeldMemory> Take(absl::string_view caller, int64_t bytes);

  int64_t bytes() const;
  int64_t max_bytes() const;

 private:
  friend class HeldMemory;
  // What one caller holds; lives as long as a HeldMemory of the caller does.
  struct Share {
    std::string caller;
    int64_t bytes = 0;
    int64_t holders = 0;
  };

  bool HasRoomFor(const Share* share, int64_t taken) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status NewcomersError(int64_t taken) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Grow(Share& share, int64_t bytes);
  void GiveBack(Share& share, int64_t bytes, bool leaves);
  void Join(Share& share);

  // A leaf: nothing is called under it.
  mutable std::mutex mutex_;
  MemoryOptions options_ ABSL_GUARDED_BY(mutex_);
  int64_t bytes_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::node_hash_map<std::string, Share> shares_ ABSL_GUARDED_BY(mutex_);
};

// What one call, or one part of it, holds of an account; its destructor gives
// it back. Movable. Not thread-safe by itself, but its end may be on any
// thread.
class HeldMemory {
 public:
  // Belongs to no account: counts nothing, and may grow without limit.
  HeldMemory() = default;
  HeldMemory(HeldMemory&& other) noexcept;
  HeldMemory& operator=(HeldMemory&& other) noexcept;
  ~HeldMemory() { GiveBack(); }

  // Returns false, and holds as much as before, if there is no room. Touches
  // the account once in MemoryAccount::kStep bytes.
  [[nodiscard]] bool Grow(int64_t bytes) {
    if (account_ == nullptr) return true;
    if (used_ + bytes > taken_ && !TakeMore(used_ + bytes)) return false;
    used_ += bytes;
    return true;
  }
  // Gives a part back. REQUIRES: it holds so much.
  void Shrink(int64_t bytes);
  // Another part of the same caller, empty so far. Thread-safe.
  HeldMemory Another() const;

 private:
  friend class MemoryAccount;
  HeldMemory(MemoryAccount& account, MemoryAccount::Share& share)
      : account_(&account), share_(&share) {}
  bool TakeMore(int64_t needed);
  void GiveBack();

  MemoryAccount* account_ = nullptr;
  MemoryAccount::Share* share_ = nullptr;
  // `used_` is what was asked for, `taken_` what the account knows of it.
  int64_t used_ = 0;
  int64_t taken_ = 0;
};

// The error of a running call that would grow beyond the account: QUEUE_FULL,
// lasting, since another attempt would only be paid for again.
absl::Status OutOfMemoryError();
bool IsOutOfMemory(const absl::Status& error);

}  // namespace holysheep
