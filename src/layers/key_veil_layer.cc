#include "layers/key_veil_layer.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_join.h"
#include "base/errors.h"
#include "chat/answer.h"
#include "holysheep/node/v1/chat.pb.h"
#include "json/json.h"
#include "openai/key_veil.h"
#include "upstream/upstream_request.h"

namespace holysheep {
namespace {

// Hides the keys in the parts of a response that the model has not written.
std::vector<std::string*> SaidBeside(pb::InvokeResponse& response) {
  std::vector<std::string*> texts = {
      response.mutable_model_used(), response.mutable_finish_reason_raw(),
      response.mutable_upstream_request_id(),
      response.mutable_system_fingerprint(), response.mutable_opaque_json()};
  for (std::string& warning : *response.mutable_warnings()) {
    texts.push_back(&warning);
  }
  return texts;
}

void HideKeys(const KeyVeil& veil, pb::InvokeResponse& response) {
  const std::vector<std::string*> texts = SaidBeside(response);
  const auto append = [](std::string* out, const std::string* text) {
    out->append(*text);
  };
  if (!veil.Shows(absl::StrJoin(texts, "\n", append))) return;
  for (std::string* text : texts) *text = veil.Hide(*text);
  const std::string& opaque = response.opaque_json();
  if (opaque.empty() || CheckJsonObject(opaque).ok()) return;
  response.clear_opaque_json();
  response.add_warnings("opaque_json was dropped, because it showed the key");
}

absl::Status WithoutKeys(const KeyVeil& veil, const absl::Status& error) {
  if (!veil.Shows(error.message())) return error;
  return MakeError(ReasonOf(error), veil.Hide(error.message()),
                   DetailsOf(error));
}

class VeilingCall final : public ChatCall, ChatObserver {
 public:
  VeilingCall(std::shared_ptr<const KeyVeil> veil, ChatObserver& observer)
      : veil_(std::move(veil)), observer_(observer) {}

  void Start(ChatBackend& next, const ChatRequest& request) {
    call_ = next.Start(request, *this);
  }

 private:
  void OnDelta(const pb::InvokeEvent& delta) override {
    if (!delta.has_tool_call() || !veil_->Shows(delta.tool_call().id())) {
      return observer_.OnDelta(delta);
    }
    pb::InvokeEvent hidden = delta;
    hidden.mutable_tool_call()->set_id(veil_->Hide(delta.tool_call().id()));
    observer_.OnDelta(hidden);
  }

  void OnDone(absl::StatusOr<Answer> result) override {
    if (!result.ok()) {
      return observer_.OnDone(WithoutKeys(*veil_, result.status()));
    }
    HideKeys(*veil_, result->response);
    observer_.OnDone(std::move(result));
  }

  const std::shared_ptr<const KeyVeil> veil_;
  ChatObserver& observer_;
  std::unique_ptr<ChatCall> call_;
};

class Veiling final : public ChatBackend {
 public:
  Veiling(const OpenAiOptions& options, std::unique_ptr<ChatBackend> next)
      : options_(options), next_(std::move(next)) {}

  std::unique_ptr<ChatCall> Start(const ChatRequest& request,
                                  ChatObserver& observer) override {
    const bool own =
        request.caller != nullptr && !request.caller->upstream_key.empty();
    auto call = std::make_unique<VeilingCall>(
        own ? Make(request.caller->upstream_key) : OfTheService(), observer);
    call->Start(*next_, request);
    return call;
  }

 private:
  using VeilPtr = std::shared_ptr<const KeyVeil>;

  VeilPtr Make(absl::string_view callers) const {
    return std::make_shared<const KeyVeil>(VeilFor(options_, callers));
  }

  // Made again only when a reload has changed what is secret.
  VeilPtr OfTheService() {
    if (service_ == nullptr || options_.api_key != made_of_.api_key ||
        options_.secrets != made_of_.secrets) {
      made_of_ = options_;
      service_ = Make("");
    }
    return service_;
  }

  const OpenAiOptions& options_;
  const std::unique_ptr<ChatBackend> next_;
  VeilPtr service_;
  OpenAiOptions made_of_;
};

}  // namespace

std::unique_ptr<ChatBackend> KeyVeilLayer(const OpenAiOptions& options,
                                          std::unique_ptr<ChatBackend> next) {
  return std::make_unique<Veiling>(options, std::move(next));
}

}  // namespace holysheep
