#include "layers/cache/own_call.h"

#include <utility>

#include "chat/answer.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

class OwnCall final : public ChatCall, ChatObserver {
 public:
  OwnCall(ChatBackend& next, const ChatRequest& request, ChatObserver& observer)
      : observer_(observer), call_(next.Start(request, *this)) {}

 private:
  void OnDelta(const pb::InvokeEvent& delta) override {
    observer_.OnDelta(delta);
  }
  void OnDone(absl::StatusOr<Answer> result) override {
    if (result.ok()) {
      result->response.mutable_cache_info()->set_outcome(pb::CacheInfo::MISS);
    }
    observer_.OnDone(std::move(result));
  }

  ChatObserver& observer_;
  const std::unique_ptr<ChatCall> call_;
};

}  // namespace

std::unique_ptr<ChatCall> StartOwnCall(ChatBackend& next,
                                       const ChatRequest& request,
                                       ChatObserver& observer) {
  return std::make_unique<OwnCall>(next, request, observer);
}

}  // namespace holysheep
