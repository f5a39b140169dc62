#include "http/asio_loop.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/time/clock.h"
#include "boost/asio/executor_work_guard.hpp"
#include "boost/asio/io_context.hpp"
#include "boost/asio/post.hpp"
#include "boost/asio/steady_timer.hpp"
#include "http/loop_executor.h"

namespace holysheep {
namespace {

// The latest time for which the alarm is set, so that any due time can be given
// to Asio. An alarm that fires early only looks again.
constexpr absl::Duration kLongestAlarm = absl::Hours(1);

// How long a thread may go on with what others have left it to do.
constexpr std::chrono::milliseconds kLongestTurn(1);
// Tasks that take longer are counted as stalls.
constexpr std::chrono::milliseconds kStall(20);

using Clock = std::chrono::steady_clock;

}  // namespace

// Invariants: `timers_` holds exactly the timers that have neither run nor been
// destroyed, by due time. Unless a turn is posted, an alarm is set for the
// earliest of them or before (`wake_at_`). `held_` is set exactly while a
// thread holds the baton, without which no task runs and nothing but the
// mailbox is touched. A holder lets go of it only with an empty mailbox, or
// when it has asked Asio for a turn; so a task in the mailbox always has a
// thread that will run it.

class AsioLoop::Impl {
 public:
  Impl() : wake_timer_(LoopExecutor(this, false)) {}
  ~Impl();

  absl::Time Now() const;
  std::unique_ptr<Timer> RunAfter(absl::Duration delay, Task task);
  void Post(Task task);
  void Enter(Task task);
  int64_t stalls() const { return stalls_; }

  boost::asio::io_context& context() { return context_; }

 private:
  // The due time, and the order of arming for timers due at the same time.
  using Key = std::pair<absl::Time, uint64_t>;
  class TimerImpl;

  // Runs the mailbox on a thread of Asio, unless some thread does already.
  void Turn();
  // Runs the mailbox and lets go of the baton. REQUIRES: it is held, since
  // `began`.
  void RunPosted(Clock::time_point began);
  // Whether RunPosted is to go on; otherwise the baton is free.
  bool TakeBatch(bool time_is_over);
  void AskForTurn();
  bool IsHeld() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return held_;
  }
  void RunDue();
  void SetAlarm(absl::Time now);

  const absl::Time created_ = absl::Now();
  const Clock::time_point created_steady_ = Clock::now();

  boost::asio::io_context context_;
  // Keeps Run from returning while there is nothing to do.
  const boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
      work_ = boost::asio::make_work_guard(context_);

  // Most timers are cancelled long before they are due. The alarm is therefore
  // only ever moved to an earlier time: arming and cancelling change only the
  // map, and an alarm whose timer is gone fires once in vain.
  boost::asio::steady_timer wake_timer_;
  absl::Time wake_at_ = absl::InfiniteFuture();
  bool run_due_posted_ = false;
  uint64_t next_sequence_ = 0;
  absl::btree_map<Key, TimerImpl*> timers_;

  std::mutex mutex_;
  // Guarded by mutex_.
  std::vector<Task> mailbox_;
  bool held_ = false;
  bool turn_asked_ = false;  // And Turn has not begun.
  // Empty but for its capacity between turns.
  std::vector<Task> batch_;
  std::atomic<int64_t> stalls_ = 0;
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

// A thread that has entered may still be about to let go.
AsioLoop::Impl::~Impl() {
  while (IsHeld()) std::this_thread::yield();
  // A task may post another one when it is destroyed.
  while (!mailbox_.empty()) std::exchange(mailbox_, {}).clear();
}

absl::Time AsioLoop::Impl::Now() const {
  return created_ + absl::FromChrono(Clock::now() - created_steady_);
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
    if (std::exchange(run_due_posted_, true)) return;
    Post([this] {
      run_due_posted_ = false;
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
  const std::lock_guard<std::mutex> lock(mutex_);
  mailbox_.push_back(std::move(task));
  if (!held_) AskForTurn();
}

// Earlier posts run first.
void AsioLoop::Impl::Enter(Task task) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (held_ || !mailbox_.empty()) {
      mailbox_.push_back(std::move(task));
      if (held_) return;
      task = nullptr;
    }
    held_ = true;
  }
  const Clock::time_point began = Clock::now();
  if (task != nullptr) {
    task();
    task = nullptr;
  }
  RunPosted(began);
}

// Asio writes to its wake-up descriptor only if its thread sleeps.
void AsioLoop::Impl::AskForTurn() {
  if (std::exchange(turn_asked_, true)) return;
  boost::asio::post(context_, [this] { Turn(); });
}

void AsioLoop::Impl::Turn() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    turn_asked_ = false;
    if (held_) return;
    held_ = true;
  }
  RunPosted(Clock::now());
}

void AsioLoop::Impl::RunPosted(Clock::time_point began) {
  Clock::time_point last = began;
  const auto is_over = [&] {
    const Clock::time_point now = Clock::now();
    if (now - std::exchange(last, now) > kStall) ++stalls_;
    return now - began > kLongestTurn;
  };
  while (TakeBatch(is_over())) {
    for (Task& posted : batch_) {
      Task task = std::move(posted);  // Destroyed before the next one runs.
      task();
    }
    batch_.clear();
  }
}

bool AsioLoop::Impl::TakeBatch(bool time_is_over) {
  const std::lock_guard<std::mutex> lock(mutex_);
  held_ = !mailbox_.empty() && !context_.stopped() && !time_is_over;
  if (held_) {
    mailbox_.swap(batch_);
  } else if (!mailbox_.empty()) {
    AskForTurn();
  }
  return held_;
}

void LoopExecutor::Execute(EventLoop::Task task) const {
  if (later_) {
    loop_->Post(std::move(task));
  } else {
    loop_->Enter(std::move(task));
  }
}

boost::asio::execution_context& LoopExecutor::query(
    boost::asio::execution::context_t) const noexcept {
  return loop_->context();
}

AsioLoop::AsioLoop() : impl_(std::make_unique<Impl>()) {}

AsioLoop::~AsioLoop() = default;

absl::Time AsioLoop::Now() const { return impl_->Now(); }

std::unique_ptr<Timer> AsioLoop::RunAfter(absl::Duration delay, Task task) {
  return impl_->RunAfter(delay, std::move(task));
}

void AsioLoop::Post(Task task) { impl_->Post(std::move(task)); }

void AsioLoop::Enter(Task task) { impl_->Enter(std::move(task)); }

void AsioLoop::Run() {
  impl_->context().run();
  impl_->context().restart();
}

void AsioLoop::Stop() { impl_->context().stop(); }

int64_t AsioLoop::stalls() const { return impl_->stalls(); }

LoopExecutor AsioLoop::executor() { return {impl_.get(), false}; }

}  // namespace holysheep
