#include "layers/fallback_layer.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "chat/answer.h"
#include "chat/attempt_stats.h"
#include "chat/needs.h"
#include "holysheep/node/v1/chat.pb.h"
#include "policy/catalog.h"

namespace holysheep {
namespace {

using Targets = std::vector<std::shared_ptr<const Target>>;

// Invariants: `request_.target` is the model asked last, and `others_` from
// `next_other_` on are those that may still be asked. `first_error_` is the
// first model's error, which is reported unless a later model has begun to
// answer. After a delta no other model is asked.

class FallbackCall final : public ChatCall, ChatObserver {
 public:
  FallbackCall(ChatBackend& next, ChatRequest request, ChatObserver& observer)
      : next_(next),
        request_(Counted(std::move(request))),
        attempts_(request_),
        observer_(observer) {
    ChooseOthers();
  }

  // Where the first model has failed in another call, the next one is asked.
  void StartFirst() {
    const absl::Status failure = std::exchange(request_.first_failure, {});
    if (auto next = failure.ok() ? nullptr : TakeNext()) {
      first_error_ = failure;
      request_.target = std::move(next);
    }
    Start();
  }

  void Start() {
    request_.has_another_model = next_other_ < others_.size();
    call_ = next_.Start(request_, *this);
  }

 private:
  void OnDelta(const pb::InvokeEvent& delta) override {
    answered_ = true;
    observer_.OnDelta(delta);
  }

  void OnDone(absl::StatusOr<Answer> result) override {
    if (result.ok()) {
      if (fell_back()) Explain(result->response);
      return observer_.OnDone(std::move(result));
    }
    if (answered_) return observer_.OnDone(result.status());
    const bool goes_on = MayGoOn(result.status());
    if (first_error_.ok()) first_error_ = result.status();
    auto next = goes_on ? TakeNext() : nullptr;
    if (next == nullptr) return observer_.OnDone(first_error_);
    request_.target = std::move(next);
    Start();
  }

  bool fell_back() const { return !first_error_.ok(); }

  // Takes the fallback models that can do what is asked.
  void ChooseOthers() {
    for (const std::string& model : request_.message->fallback_models()) {
      if (model == request_.message->model()) continue;
      auto other = request_.catalog->TargetFor(model);
      const absl::Status able =
          CheckNeeds(*request_.message, other->model, *request_.catalog);
      if (able.ok()) {
        others_.push_back(std::move(other));
      } else {
        passed_over_.push_back(
            absl::StrCat("the fallback model ", model,
                         " was passed over: ", able.message()));
      }
    }
  }

  bool MayGoOn(const absl::Status& error) {
    switch (RowOf(error).falls_back) {
      case FallsBack::kNo:
        return false;
      case FallsBack::kOnward:
        return fell_back();
      case FallsBack::kYes:
        return true;
      case FallsBack::kToLargerContext:
        too_small_ = std::max(too_small_, request_.target->model.context_size);
        return true;
    }
    return false;
  }

  std::shared_ptr<const Target> TakeNext() {
    while (next_other_ < others_.size()) {
      auto& other = others_[next_other_++];
      if (MayHold(other->model)) return std::move(other);
    }
    return nullptr;
  }

  // Whether the prompt may fit into the context of `model`. Where the first
  // model's was too small, only one that is known to be larger is asked.
  bool MayHold(const ModelInfo& model) const {
    if (too_small_ < 0 || model.context_size > too_small_) return true;
    return model.context_size == 0 &&
           ReasonOf(first_error_) != Reason::kContextLength;
  }

  void Explain(pb::InvokeResponse& response) const {
    attempts_.Fill(response);
    response.set_fallback_used(true);
    response.add_warnings(absl::StrCat(
        "answered by the fallback model ", request_.model(), ", because ",
        request_.message->model(), " failed: ", first_error_.message()));
    for (const std::string& warning : passed_over_) {
      response.add_warnings(warning);
    }
  }

  ChatBackend& next_;
  ChatRequest request_;
  const AttemptsSince attempts_;
  ChatObserver& observer_;
  Targets others_;
  size_t next_other_ = 0;
  // Why others are not among `others_`.
  std::vector<std::string> passed_over_;
  // The largest context that was too small; -1 if none was.
  int64_t too_small_ = -1;
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
    call->StartFirst();
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
