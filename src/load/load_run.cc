#include "load/load_run.h"

#include <grpcpp/channel.h>
#include <grpcpp/completion_queue.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "load/load_slot.h"

namespace holysheep::load {
namespace {

using Clock = std::chrono::steady_clock;

// The most time between a stop and its being noticed.
constexpr std::chrono::milliseconds kGlance(50);

// With a rate, one thread starts calls and the caller's thread ends them;
// `free_` and its mutex connect the two. Without a rate the caller's thread
// does both. `request_` and `started_` belong to the starting thread.

class GrpcLoadRun final : public LoadRun {
 public:
  GrpcLoadRun(const LoadTarget& target, const LoadPlan& plan,
              NextRequest next_request)
      : plan_(plan),
        next_request_(next_request),
        stub_(target.channel),
        shared_{target, stub_, queue_, plan.stream} {
    for (int i = 0; i < plan.concurrency; ++i) {
      slots_.push_back(std::make_unique<LoadSlot>(shared_));
    }
  }

  void Stop() override {
    stopped_ = true;
    const std::lock_guard lock(mutex_);
    slot_is_free_.notify_all();
    stop_is_asked_.notify_all();
  }

  absl::Status Run(OnEnd on_end) override {
    start_ = Clock::now();
    if (plan_.rate > 0) {
      for (const auto& slot : slots_) free_.push_back(slot.get());
      std::thread pacer([this] { Pace(); });
      RunCalls(on_end, [this](LoadSlot* slot) { Release(slot); });
      pacer.join();
    } else {
      const auto start_next = [this](LoadSlot* slot) {
        const absl::Duration now = Elapsed();
        if (MayStart(now)) StartOn(slot, now);
      };
      for (const auto& slot : slots_) start_next(slot.get());
      RunCalls(on_end, start_next);
    }
    CancelAndDrain();
    return stopped_ ? absl::CancelledError("interrupted") : absl::OkStatus();
  }

 private:
  absl::Duration Elapsed() const {
    return absl::FromChrono(Clock::now() - start_);
  }

  // Without a rate: whether another call is wanted.
  bool MayStart(absl::Duration now) const {
    return started_ < plan_.calls && now < plan_.duration && !stopped_;
  }

  bool IsOver() const {
    return ended_ == (plan_.rate > 0 ? plan_.calls : started_);
  }

  void StartOn(LoadSlot* slot, absl::Duration due) {
    next_request_(request_);
    ++started_;
    slot->Start(request_, due);
  }

  // Removes ended calls from the queue until all have ended.
  void RunCalls(OnEnd on_end, absl::FunctionRef<void(LoadSlot*)> when_free) {
    while (!IsOver() && !stopped_) {
      void* tag = nullptr;
      bool ok = false;
      const auto next = queue_.AsyncNext(
          &tag, &ok, std::chrono::system_clock::now() + kGlance);
      if (next != grpc::CompletionQueue::GOT_EVENT) continue;
      auto* slot = static_cast<LoadSlot*>(tag);
      const absl::Duration now = Elapsed();
      if (!slot->Advance(ok, now)) continue;
      ++ended_;
      on_end(slot->End(now));
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
  pb::LlmNode::Stub stub_;
  grpc::CompletionQueue queue_;
  const SlotContext shared_;
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

std::unique_ptr<LoadRun> NewLoadRun(const LoadTarget& target,
                                    const LoadPlan& plan,
                                    NextRequest next_request) {
  return std::make_unique<GrpcLoadRun>(target, plan, next_request);
}

}  // namespace holysheep::load
