#include "layers/billing_layer.h"

#include <utility>

#include "chat/answer.h"
#include "holysheep/node/v1/chat.pb.h"
#include "layers/partial_use.h"
#include "policy/catalog.h"
#include "policy/price_list.h"

namespace holysheep {
namespace {

// Every attempt is charged at most once: for the usage that its answer reports,
// or for an estimate at its end or when it is destroyed. An attempt that cannot
// have cost anything is not charged.

class BillingCall final : public ChatCall, ChatObserver {
 public:
  BillingCall(ChargeSink& sink, const ChatRequest& request,
              ChatObserver& observer)
      : sink_(sink), request_(request), observer_(observer) {}
  ~BillingCall() override {
    if (!done_) ChargeUnreported(absl::CancelledError());
  }

  void Start(ChatBackend& next) { call_ = next.Start(request_, *this); }

 private:
  void OnDelta(const pb::InvokeEvent& delta) override {
    streamed_bytes_ += ContentBytes(delta);
    observer_.OnDelta(delta);
  }

  void OnDone(absl::StatusOr<Answer> result) override {
    done_ = true;
    if (result.ok()) {
      ChargeForUsage(*result);
    } else {
      ChargeUnreported(result.status());
    }
    observer_.OnDone(std::move(result));
  }

  void ChargeForUsage(Answer& answer) {
    const pb::Usage& usage = answer.response.usage();
    const TokenCounts tokens = CountsOf(usage);
    const ModelInfo& model = request_.target->model;
    const Price price = PriceTokens(model, tokens);
    answer.cost = CostOf(price, model);
    Charge(tokens, price, usage.estimated());
  }

  // An unfinished attempt never reports its usage, so it is estimated.
  void ChargeUnreported(const absl::Status& end) {
    const TokenCounts tokens = UnreportedUse(request_, end, streamed_bytes_);
    if (tokens.prompt == 0) return;
    Charge(tokens, PriceFor(request_, tokens), /*estimated=*/true);
  }

  void Charge(const TokenCounts& tokens, const Price& price, bool estimated) {
    holysheep::Charge charge;
    charge.model = request_.model();
    charge.caller = request_.caller->name;
    charge.app = request_.message->caller().app_id();
    charge.prompt_tokens = tokens.prompt;
    charge.completion_tokens = tokens.completion;
    charge.cached_prompt_tokens = tokens.cached_prompt;
    charge.cache_write_tokens = tokens.cache_write;
    charge.estimated = estimated;
    charge.total = price.total;
    charge.official = price.official;
    sink_.Add(request_.arrived, charge);
  }

  ChargeSink& sink_;
  const ChatRequest request_;
  ChatObserver& observer_;
  size_t streamed_bytes_ = 0;
  bool done_ = false;
  std::unique_ptr<ChatCall> call_;
};

class Billing final : public ChatBackend {
 public:
  Billing(ChargeSink& sink, std::unique_ptr<ChatBackend> next)
      : sink_(sink), next_(std::move(next)) {}

  std::unique_ptr<ChatCall> Start(const ChatRequest& request,
                                  ChatObserver& observer) override {
    auto call = std::make_unique<BillingCall>(sink_, request, observer);
    call->Start(*next_);
    return call;
  }

 private:
  ChargeSink& sink_;
  const std::unique_ptr<ChatBackend> next_;
};

}  // namespace

std::unique_ptr<ChatBackend> BillingLayer(ChargeSink& sink,
                                          std::unique_ptr<ChatBackend> next) {
  return std::make_unique<Billing>(sink, std::move(next));
}

}  // namespace holysheep
