#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "base/event_loop.h"

namespace holysheep {

// A loop whose time moves only when the test says so.
class FakeEventLoop final : public EventLoop {
 public:
  absl::Time Now() const override { return now_; }

  std::unique_ptr<Timer> RunAfter(absl::Duration delay, Task task) override {
    const Key key{now_ + delay, ++sequence_};
    tasks_.emplace(key, std::move(task));
    return std::make_unique<FakeTimer>(*this, key);
  }

  void Post(Task task) override {
    tasks_.emplace(Key{now_, ++sequence_}, std::move(task));
  }

  // The test's thread is the only one.
  void Enter(Task task) override { Post(std::move(task)); }

  // Runs everything due within `duration`, in order of time.
  void Advance(absl::Duration duration = absl::ZeroDuration()) {
    const absl::Time end = now_ + duration;
    while (!tasks_.empty() && tasks_.begin()->first.first <= end) {
      auto node = tasks_.extract(tasks_.begin());
      now_ = std::max(now_, node.key().first);
      node.mapped()();
    }
    now_ = end;
  }

  // Tasks and timers that have not run yet.
  size_t pending() const { return tasks_.size(); }

 private:
  using Key = std::pair<absl::Time, int>;
  struct FakeTimer final : Timer {
    FakeTimer(FakeEventLoop& owner, Key due) : loop(owner), key(due) {}
    ~FakeTimer() override { loop.tasks_.erase(key); }
    FakeEventLoop& loop;
    const Key key;
  };

  absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  int sequence_ = 0;
  std::map<Key, Task> tasks_;
};

}  // namespace holysheep
