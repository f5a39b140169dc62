#include "layers/learning_layer.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "chat/answer.h"
#include "holysheep/node/v1/chat.pb.h"
#include "policy/wire_refusal.h"

namespace holysheep {
namespace {

// Whether it is the service that sends the parameter in this way.
bool IsOurs(const ChatRequest& request, WireRefusal refusal) {
  const ChatRequest::SetByCaller& set = request.set_by_caller;
  switch (refusal) {
    case WireRefusal::kMaxTokensName:
    case WireRefusal::kMaxTokens:
    case WireRefusal::kMaxCompletionTokens:
      return !set.max_tokens;
    case WireRefusal::kTemperature:
    case WireRefusal::kTemperatureValue:
      return !set.temperature;
    case WireRefusal::kTopP:
    case WireRefusal::kTopPValue:
      return !set.top_p;
    case WireRefusal::kTopPWithTemperature:
    case WireRefusal::kStreamOptions:
      return true;
    case WireRefusal::kResponseFormat:
      return request.message->response_format().type() ==
             pb::ResponseFormat::JSON_SCHEMA;
  }
  return false;
}

// Invariants: one attempt exists at a time. `refused_` is what this call has
// found out, in that order, and `request_` is written without it; it is
// remembered at the first sign that the upstream takes the rest.

class LearningCall final : public ChatCall, ChatObserver {
 public:
  LearningCall(LearnedWire& learned, const std::string& upstream,
               ChatBackend& next, const ChatRequest& request,
               ChatObserver& observer)
      : learned_(learned),
        upstream_(upstream),
        generation_(learned.generation()),
        next_(next),
        request_(request),
        observer_(observer),
        known_(learned.Find(upstream, request.model())) {}

  void Start() {
    if (!known_.empty()) {
      request_.learned_wire = std::make_shared<const ModelWire>(
          WireAfter(request_.target->model, known_));
    }
    attempt_ = next_.Start(request_, *this);
  }

 private:
  void OnDelta(const pb::InvokeEvent& delta) override {
    answered_ = true;
    Remember();
    observer_.OnDelta(delta);
  }

  void OnDone(absl::StatusOr<Answer> result) override {
    if (!result.ok()) {
      if (Corrected(result.status())) return;
      return observer_.OnDone(std::move(result));
    }
    Remember();
    for (const WireRefusal refusal : refused_) {
      result->response.add_warnings(absl::StrCat(
          ParameterOf(refusal), ": ", request_.model(),
          " does not take it as it was sent, so the upstream was asked again; ",
          "until the next reload it ", ConsequenceOf(refusal)));
    }
    observer_.OnDone(std::move(result));
  }

  // Whether another attempt has been started without what this one was refused
  // for.
  bool Corrected(const absl::Status& error) {
    if (answered_ || refused_.size() == kMaxCorrections) return false;
    const auto refusal = ParseWireRefusal(DetailsOf(error).refused);
    if (!refusal.has_value() || !IsOurs(request_, *refusal)) return false;
    WireRefusals after = known_;
    after.Add(*refusal);
    const ModelInfo& model = request_.target->model;
    if (WireAfter(model, after) == request_.wire()) return false;
    known_ = after;
    refused_.push_back(*refusal);
    // It has ended, and holds nothing while the next one waits.
    attempt_.reset();
    Start();
    return true;
  }

  void Remember() {
    if (refused_.empty() || remembered_) return;
    remembered_ = true;
    learned_.Remember(upstream_, request_.model(), known_, generation_);
  }

  LearnedWire& learned_;
  const std::string upstream_;
  const int64_t generation_;
  ChatBackend& next_;
  ChatRequest request_;
  ChatObserver& observer_;
  // What the model does not take, as far as this call knows.
  WireRefusals known_;
  std::vector<WireRefusal> refused_;
  bool answered_ = false;
  bool remembered_ = false;
  std::unique_ptr<ChatCall> attempt_;
};

class Learning final : public ChatBackend {
 public:
  Learning(LearnedWire& learned, const OpenAiOptions& options,
           std::unique_ptr<ChatBackend> next)
      : learned_(learned), options_(options), next_(std::move(next)) {}

  std::unique_ptr<ChatCall> Start(const ChatRequest& request,
                                  ChatObserver& observer) override {
    auto call = std::make_unique<LearningCall>(learned_, options_.base_url,
                                               *next_, request, observer);
    call->Start();
    return call;
  }

 private:
  LearnedWire& learned_;
  const OpenAiOptions& options_;
  const std::unique_ptr<ChatBackend> next_;
};

}  // namespace

std::unique_ptr<ChatBackend> LearningLayer(LearnedWire& learned,
                                           const OpenAiOptions& options,
                                           std::unique_ptr<ChatBackend> next) {
  return std::make_unique<Learning>(learned, options, std::move(next));
}

}  // namespace holysheep
