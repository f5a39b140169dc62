#include "layers/cache/own_call.h"

#include <utility>

#include "chat/answer.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

class OwnCall final : public ChatCall, ChatObserver {
 public:
  OwnCall(ChatBackend& next, const ChatRequest& request, ChatObserver& observer,
          int outcome)
      : observer_(observer),
        outcome_(static_cast<pb::CacheInfo::Outcome>(outcome)),
        call_(next.Start(request, *this)) {}

 private:
  void OnDelta(const pb::InvokeEvent& delta) override {
    observer_.OnDelta(delta);
  }
  void OnDone(absl::StatusOr<Answer> result) override {
    if (result.ok()) {
      result->response.mutable_cache_info()->set_outcome(outcome_);
    }
    observer_.OnDone(std::move(result));
  }

  ChatObserver& observer_;
  const pb::CacheInfo::Outcome outcome_;
  const std::unique_ptr<ChatCall> call_;
};

}  // namespace

std::unique_ptr<ChatCall> StartOwnCall(ChatBackend& next,
                                       const ChatRequest& request,
                                       ChatObserver& observer, int outcome) {
  return std::make_unique<OwnCall>(next, request, observer, outcome);
}

}  // namespace holysheep
