#include "layers/memory/memory_layer.h"

#include <utility>

#include "base/memory_account.h"
#include "chat/answer.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

// What a piece costs besides its bytes, in a transcript or a queue.
constexpr int64_t kPieceBytes = 8;

// Invariants: once `giving_up_` is set, the observer hears nothing but the
// error. The call below is destroyed on a turn of its own, since that may not
// be done inside OnDelta.
class CountedCall final : public ChatCall, ChatObserver {
 public:
  CountedCall(EventLoop& loop, const ChatRequest& request, MemoryOf whose,
              ChatObserver& observer)
      : loop_(loop), observer_(observer), calls_(request.memory) {
    if (whose == MemoryOf::kFlight) {
      own_ = calls_->Another();
      held_ = &own_;
    }
  }

  void Start(ChatBackend& next, const ChatRequest& request) {
    call_ = next.Start(request, *this);
  }

 private:
  void OnDelta(const pb::InvokeEvent& delta) override {
    if (giving_up_ != nullptr) return;
    const auto bytes = static_cast<int64_t>(delta.ByteSizeLong());
    if (held_->Grow(bytes + kPieceBytes)) return observer_.OnDelta(delta);
    giving_up_ = loop_.RunAfter(absl::ZeroDuration(), [this] { GiveUp(); });
  }

  void OnDone(absl::StatusOr<Answer> result) override {
    const bool too_late = std::exchange(giving_up_, nullptr) != nullptr;
    if (result.ok() && (too_late || !HasRoomFor(*result))) {
      result = OutOfMemoryError();
    }
    observer_.OnDone(std::move(result));
  }

  // The largest part of an ending.
  bool HasRoomFor(const Answer& ending) {
    return held_->Grow(
        static_cast<int64_t>(ending.response.opaque_json().size()));
  }

  void GiveUp() {
    const auto timer = std::exchange(giving_up_, nullptr);
    call_.reset();
    observer_.OnDone(OutOfMemoryError());
  }

  EventLoop& loop_;
  ChatObserver& observer_;
  // The call's own, kept as long as it may be counted in.
  const std::shared_ptr<HeldMemory> calls_;
  HeldMemory own_;
  // One of both.
  HeldMemory* held_ = calls_.get();
  std::unique_ptr<Timer> giving_up_;
  std::unique_ptr<ChatCall> call_;
};

class Counting final : public ChatBackend {
 public:
  Counting(EventLoop& loop, MemoryOf whose, std::unique_ptr<ChatBackend> next)
      : loop_(loop), whose_(whose), next_(std::move(next)) {}

  std::unique_ptr<ChatCall> Start(const ChatRequest& request,
                                  ChatObserver& observer) override {
    const bool kept =
        whose_ == MemoryOf::kReader || !request.key.digest.empty();
    if (request.memory == nullptr || !kept) {
      return next_->Start(request, observer);
    }
    auto call = std::make_unique<CountedCall>(loop_, request, whose_, observer);
    call->Start(*next_, request);
    return call;
  }

 private:
  EventLoop& loop_;
  const MemoryOf whose_;
  const std::unique_ptr<ChatBackend> next_;
};

}  // namespace

std::unique_ptr<ChatBackend> MemoryLayer(EventLoop& loop, MemoryOf whose,
                                         std::unique_ptr<ChatBackend> next) {
  return std::make_unique<Counting>(loop, whose, std::move(next));
}

}  // namespace holysheep
