#include "layers/fallback_layer.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "chat/answer.h"
#include "chat/attempt_stats.h"
#include "holysheep/node/v1/chat.pb.h"
#include "policy/catalog.h"

namespace holysheep {
namespace {

// Whether another model, whose context may be `larger`, may serve after the
// error.
bool CanAnotherModelServe(const absl::Status& error, bool larger) {
  const FallsBack falls_back = RowOf(error).falls_back;
  return falls_back == FallsBack::kYes ||
         (falls_back == FallsBack::kToLargerContext && larger);
}

// `request_.target` is the model asked last; `first_error_` is the first
// model's error, which is reported unless a later model has begun to answer.
// After a delta no other model is asked.

class FallbackCall final : public ChatCall, ChatObserver {
 public:
  FallbackCall(ChatBackend& next, ChatRequest request, ChatObserver& observer)
      : next_(next),
        request_(Counted(std::move(request))),
        attempts_(request_),
        observer_(observer) {}

  void Start() { call_ = next_.Start(request_, *this); }

 private:
  void OnDelta(const pb::InvokeEvent& delta) override {
    answered_ = true;
    observer_.OnDelta(delta);
  }

  void OnDone(absl::StatusOr<Answer> result) override {
    if (result.ok()) {
      if (tried_ > 0) Explain(result->response);
      return observer_.OnDone(std::move(result));
    }
    if (first_error_.ok()) first_error_ = result.status();
    const auto& models = request_.message->fallback_models();
    if (answered_) return observer_.OnDone(result.status());
    if (tried_ == models.size()) return observer_.OnDone(first_error_);
    auto next = request_.catalog->TargetFor(models[tried_]);
    const bool larger =
        next->model.context_size > request_.target->model.context_size;
    if (!CanAnotherModelServe(result.status(), larger)) {
      return observer_.OnDone(first_error_);
    }
    ++tried_;
    request_.target = std::move(next);
    Start();
  }

  void Explain(pb::InvokeResponse& response) const {
    attempts_.Fill(response);
    response.set_fallback_used(true);
    response.add_warnings(absl::StrCat(
        "answered by the fallback model ", request_.model(), ", because ",
        request_.message->model(), " failed: ", first_error_.message()));
  }

  ChatBackend& next_;
  ChatRequest request_;
  const AttemptsSince attempts_;
  ChatObserver& observer_;
  // The number of fallback models asked so far.
  int tried_ = 0;
  bool answered_ = false;
  absl::Status first_error_;
  std::unique_ptr<ChatCall> call_;
};

// Requests without fallback models pass through without a call object of this
// layer's own.
class FallingBack final : public ChatBackend {
 public:
  explicit FallingBack(std::unique_ptr<ChatBackend> next)
      : next_(std::move(next)) {}

  std::unique_ptr<ChatCall> Start(const ChatRequest& request,
                                  ChatObserver& observer) override {
    if (request.message->fallback_models().empty()) {
      return next_->Start(request, observer);
    }
    auto call = std::make_unique<FallbackCall>(*next_, request, observer);
    call->Start();
    return call;
  }

 private:
  const std::unique_ptr<ChatBackend> next_;
};

}  // namespace

std::unique_ptr<ChatBackend> FallbackLayer(std::unique_ptr<ChatBackend> next) {
  return std::make_unique<FallingBack>(std::move(next));
}

}  // namespace holysheep
