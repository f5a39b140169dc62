#include "http/asio_loop.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/time/clock.h"
#include "boost/asio/executor_work_guard.hpp"
#include "boost/asio/io_context.hpp"
#include "boost/asio/post.hpp"
#include "boost/asio/steady_timer.hpp"

namespace holysheep {
namespace {

// The latest time for which the alarm is set, so that any due time can be given
// to Asio. An alarm that fires early only looks again.
constexpr absl::Duration kLongestAlarm = absl::Hours(1);

}  // namespace

// Invariants: `timers_` holds exactly the timers that have neither run nor been
// destroyed, by due time. Unless a turn is posted, an alarm is set for the
// earliest of them or before (`wake_at_`). A posted task waits in `mailbox_`,
// and Asio has been asked for a turn exactly when the mailbox is not empty.

class AsioLoop::Impl {
 public:
  ~Impl();

  absl::Time Now() const;
  std::unique_ptr<Timer> RunAfter(absl::Duration delay, Task task);
  void Post(Task task);

  boost::asio::io_context& context() { return context_; }

 private:
  // The due time, and the order of arming for timers due at the same time.
  using Key = std::pair<absl::Time, uint64_t>;
  class TimerImpl;

  void RunPosted();
  void RunDue();
  void SetAlarm(absl::Time now);

  const absl::Time created_ = absl::Now();
  const std::chrono::steady_clock::time_point created_steady_ =
      std::chrono::steady_clock::now();

  // One thread runs it, which saves Asio some locking.
  boost::asio::io_context context_{1};
  // Keeps Run from returning while there is nothing to do.
  const boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
      work_ = boost::asio::make_work_guard(context_);

  // Most timers are cancelled long before they are due. The alarm is therefore
  // only ever moved to an earlier time: arming and cancelling change only the
  // map, and an alarm whose timer is gone fires once in vain.
  boost::asio::steady_timer wake_timer_{context_};
  absl::Time wake_at_ = absl::InfiniteFuture();
  bool turn_posted_ = false;
  uint64_t next_sequence_ = 0;
  absl::btree_map<Key, TimerImpl*> timers_;

  std::mutex mutex_;
  std::vector<Task> mailbox_;  // Guarded by mutex_.
  std::vector<Task> batch_;    // Empty but for its capacity between turns.
};

class AsioLoop::Impl::TimerImpl final : public Timer {
 public:
  TimerImpl(Impl& loop, Key key, Task task)
      : loop_(loop), key_(key), task_(std::move(task)) {
    loop_.timers_.emplace(key_, this);
  }
  ~TimerImpl() override {
    if (task_ != nullptr) loop_.timers_.erase(key_);
  }

  // Removes the timer from the map. The timer may be destroyed while the task
  // runs.
  Task Expire() {
    loop_.timers_.erase(key_);
    return std::exchange(task_, nullptr);
  }

 private:
  Impl& loop_;
  const Key key_;
  Task task_;  // Null once expired.
};

AsioLoop::Impl::~Impl() {
  // A task may post another one when it is destroyed.
  while (!mailbox_.empty()) std::exchange(mailbox_, {}).clear();
}

absl::Time AsioLoop::Impl::Now() const {
  return created_ +
         absl::FromChrono(std::chrono::steady_clock::now() - created_steady_);
}

std::unique_ptr<Timer> AsioLoop::Impl::RunAfter(absl::Duration delay,
                                                Task task) {
  const absl::Time now = Now();
  const absl::Time due = now + std::max(delay, absl::ZeroDuration());
  auto timer = std::make_unique<TimerImpl>(*this, Key{due, next_sequence_++},
                                           std::move(task));
  SetAlarm(now);
  return timer;
}

void AsioLoop::Impl::RunDue() {
  // Timers that are armed from now on wait for the next turn, even without a
  // delay; otherwise one that arms itself would block the loop.
  const Key end{Now(), next_sequence_};
  while (!timers_.empty() && timers_.begin()->first < end) {
    Task task = timers_.begin()->second->Expire();
    task();
  }
  SetAlarm(Now());
}

void AsioLoop::Impl::SetAlarm(absl::Time now) {
  if (timers_.empty()) return;
  const absl::Time due = timers_.begin()->first.first;
  if (due <= now) {  // A turn without a system call.
    if (std::exchange(turn_posted_, true)) return;
    boost::asio::post(context_, [this] {
      turn_posted_ = false;
      RunDue();
    });
    return;
  }
  if (due >= wake_at_) return;
  wake_at_ = std::min(due, now + kLongestAlarm);
  wake_timer_.expires_after(absl::ToChronoNanoseconds(wake_at_ - now));
  wake_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;  // Replaced by an earlier one.
    wake_at_ = absl::InfiniteFuture();
    RunDue();
  });
}

void AsioLoop::Impl::Post(Task task) {
  bool first;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    first = mailbox_.empty();
    mailbox_.push_back(std::move(task));
  }
  // Asio writes to its wake-up descriptor only if the loop thread sleeps.
  if (first) boost::asio::post(context_, [this] { RunPosted(); });
}

void AsioLoop::Impl::RunPosted() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    mailbox_.swap(batch_);
  }
  for (Task& posted : batch_) {
    Task task = std::move(posted);  // Destroyed before the next one runs.
    task();
  }
  batch_.clear();
}

AsioLoop::AsioLoop() : impl_(std::make_unique<Impl>()) {}

AsioLoop::~AsioLoop() = default;

absl::Time AsioLoop::Now() const { return impl_->Now(); }

std::unique_ptr<Timer> AsioLoop::RunAfter(absl::Duration delay, Task task) {
  return impl_->RunAfter(delay, std::move(task));
}

void AsioLoop::Post(Task task) { impl_->Post(std::move(task)); }

void AsioLoop::Run() {
  impl_->context().run();
  impl_->context().restart();
}

void AsioLoop::Stop() { impl_->context().stop(); }

boost::asio::io_context& AsioLoop::context() { return impl_->context(); }

}  // namespace holysheep
