#include "cli/bench/load.h"

#include <grpcpp/channel.h>
#include <grpcpp/completion_queue.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "cli/bench/load_slot.h"
#include "cli/client/channel.h"

namespace holysheep::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr absl::Duration kConnectTimeout = absl::Seconds(10);
// The most time between an interrupt and its being noticed.
constexpr std::chrono::milliseconds kGlance(50);

// With a rate, one thread starts calls and the caller's thread ends them;
// `free_` and its mutex connect the two. Without a rate the caller's thread
// does both. `request_` and `started_` belong to the starting thread.

class LoadRun {
 public:
  LoadRun(const Settings& settings, const LoadPlan& plan,
          pb::LlmNode::Stub& stub, NextRequest next_request)
      : plan_(plan),
        next_request_(next_request),
        target_{settings, stub, queue_, plan.stream} {
    for (int i = 0; i < plan.concurrency; ++i) {
      slots_.push_back(std::make_unique<LoadSlot>(target_));
    }
  }

  // May be called on any thread.
  void Stop() {
    stopped_ = true;
    const std::lock_guard lock(mutex_);
    slot_is_free_.notify_all();
    stop_is_asked_.notify_all();
  }

  absl::Status Run(OnSample on_sample) {
    start_ = Clock::now();
    if (plan_.rate > 0) {
      for (const auto& slot : slots_) free_.push_back(slot.get());
      std::thread pacer([this] { Pace(); });
      RunCalls(on_sample, [this](LoadSlot* slot) { Release(slot); });
      pacer.join();
    } else {
      const auto start_next = [this](LoadSlot* slot) {
        if (started_ < plan_.calls && !stopped_) StartOn(slot, Elapsed());
      };
      for (const auto& slot : slots_) start_next(slot.get());
      RunCalls(on_sample, start_next);
    }
    CancelAndDrain();
    return stopped_ ? absl::CancelledError("interrupted") : absl::OkStatus();
  }

 private:
  absl::Duration Elapsed() const {
    return absl::FromChrono(Clock::now() - start_);
  }

  void StartOn(LoadSlot* slot, absl::Duration due) {
    next_request_(request_);
    ++started_;
    slot->Start(request_, due);
  }

  // Removes ended calls from the queue until all have ended.
  void RunCalls(OnSample on_sample,
                absl::FunctionRef<void(LoadSlot*)> when_free) {
    while (ended_ < plan_.calls && !stopped_) {
      void* tag = nullptr;
      bool ok = false;
      const auto next = queue_.AsyncNext(
          &tag, &ok, std::chrono::system_clock::now() + kGlance);
      if (next != grpc::CompletionQueue::GOT_EVENT) continue;
      auto* slot = static_cast<LoadSlot*>(tag);
      const absl::Duration now = Elapsed();
      if (!slot->Advance(ok, now)) continue;
      ++ended_;
      on_sample(slot->Sample(now));
      when_free(slot);
    }
  }

  // Runs on the thread that starts calls when they are due, independent of the
  // ends of others.
  void Pace() {
    const std::chrono::duration<double> gap(1 / plan_.rate);
    for (int64_t i = 0; i < plan_.calls; ++i) {
      const auto due = std::chrono::duration_cast<Clock::duration>(
          gap * static_cast<double>(i));
      LoadSlot* slot = Acquire(start_ + due);
      if (slot == nullptr) return;
      StartOn(slot, absl::FromChrono(due));
    }
  }

  // Waits for the due time and a free slot; returns null once stopped.
  LoadSlot* Acquire(Clock::time_point due) {
    std::unique_lock lock(mutex_);
    stop_is_asked_.wait_until(lock, due, [this] { return stopped_.load(); });
    slot_is_free_.wait(lock, [this] { return stopped_ || !free_.empty(); });
    if (stopped_) return nullptr;
    LoadSlot* slot = free_.back();
    free_.pop_back();
    return slot;
  }

  void Release(LoadSlot* slot) {
    const std::lock_guard lock(mutex_);
    free_.push_back(slot);
    slot_is_free_.notify_one();
  }

  // No operation may be pending when the slots are destroyed. A failed read is
  // followed by a last operation, so the queue is shut down only after all of
  // them.
  void CancelAndDrain() {
    for (const auto& slot : slots_) slot->Cancel();
    void* tag = nullptr;
    bool ok = false;
    while (ended_ < started_ && queue_.Next(&tag, &ok)) {
      if (static_cast<LoadSlot*>(tag)->Advance(ok, Elapsed())) ++ended_;
    }
    queue_.Shutdown();
    while (queue_.Next(&tag, &ok)) {
    }
  }

  const LoadPlan plan_;
  const NextRequest next_request_;
  grpc::CompletionQueue queue_;
  const LoadTarget target_;
  std::vector<std::unique_ptr<LoadSlot>> slots_;
  Clock::time_point start_;
  std::atomic<bool> stopped_ = false;

  int64_t ended_ = 0;
  // Used by the thread that starts calls.
  int64_t started_ = 0;
  pb::InvokeRequest request_;

  std::mutex mutex_;
  std::condition_variable slot_is_free_;
  std::condition_variable stop_is_asked_;
  std::vector<LoadSlot*> free_;
};

}  // namespace

absl::Status RunLoad(const Settings& settings, const LoadPlan& plan,
                     Interrupt& interrupt, NextRequest next_request,
                     OnSample on_sample) {
  const auto channel = NewChannel(settings);
  // The time to connect does not count as latency.
  if (!channel->WaitForConnected(
          std::chrono::system_clock::now() +
          absl::ToChronoMicroseconds(
              settings.timeout.value_or(kConnectTimeout)))) {
    return absl::UnavailableError("no connection");
  }
  const auto stub = pb::LlmNode::NewStub(channel);
  LoadRun run(settings, plan, *stub, next_request);
  const Interrupt::Guard guard(interrupt, [&run] { run.Stop(); });
  return run.Run(on_sample);
}

}  // namespace holysheep::cli
