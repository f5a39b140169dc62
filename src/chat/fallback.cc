#include "chat/fallback.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "chat/effort.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

bool CanAnotherModelServe(const absl::Status& error) {
  switch (ReasonOf(error)) {
    case Reason::kRateLimitedUpstream:
    case Reason::kCircuitOpen:
    case Reason::kUpstream5xx:
    case Reason::kUpstreamConnect:
    case Reason::kConnectTimeout:
    case Reason::kFirstTokenTimeout:
    case Reason::kModelNotFound:
      return true;
    default:
      return false;
  }
}

class FallbackCall final : public ChatCall, ChatObserver {
 public:
  FallbackCall(ChatBackend& next, ChatRequest request, ChatObserver& observer)
      : next_(next),
        request_(Counted(std::move(request))),
        before_(*request_.effort),
        observer_(observer) {}

  void Start() { call_ = next_.Start(request_, *this); }

 private:
  void OnDelta(const pb::InvokeEvent& delta) override {
    answered_ = true;
    observer_.OnDelta(delta);
  }

  void OnDone(absl::StatusOr<pb::InvokeResponse> result) override {
    if (result.ok()) {
      if (tried_ > 0) Explain(*result);
      return observer_.OnDone(std::move(result));
    }
    if (first_error_.ok()) first_error_ = result.status();
    const auto& models = request_.message->fallback_models();
    if (answered_ || !CanAnotherModelServe(result.status()) ||
        tried_ == models.size()) {
      return observer_.OnDone(answered_ ? result.status() : first_error_);
    }
    request_.model = models[tried_++];
    Start();
  }

  void Explain(pb::InvokeResponse& response) const {
    FillEffort(before_, request_, response);
    response.set_fallback_used(true);
    response.add_warnings(absl::StrCat(
        "answered by the fallback model ", request_.model, ", because ",
        request_.message->model(), " failed: ", first_error_.message()));
  }

  ChatBackend& next_;
  ChatRequest request_;
  const Effort before_;
  ChatObserver& observer_;
  // Fallback models asked so far.
  int tried_ = 0;
  bool answered_ = false;
  absl::Status first_error_;
  std::unique_ptr<ChatCall> call_;
};

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

std::unique_ptr<ChatBackend> Fallback(std::unique_ptr<ChatBackend> next) {
  return std::make_unique<FallingBack>(std::move(next));
}

}  // namespace holysheep
