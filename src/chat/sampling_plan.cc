#include "chat/sampling_plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "chat/prompt_estimate.h"
#include "chat/reasoning_plan.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

using Sampling = ModelWire::Sampling;

// An estimated prompt may be longer by this part of it.
constexpr int64_t kPromptMargin = 8;

// temperature or top_p.
struct Value {
  absl::string_view name;
  std::optional<double> value;
  bool set_by_caller;
  Sampling rule;
};

class SamplingPlanner {
 public:
  explicit SamplingPlanner(const ChatRequest& request)
      : request_(request), wire_(request.wire()) {}

  SamplingPlan Plan();

 private:
  void ApplyRule(Value& value);
  // Leaves at most one of the two.
  void Choose(Value& temperature, Value& top_p);
  void Drop(Value& value, absl::string_view why);
  void PlanMaxTokens();

  const ChatRequest& request_;
  const ModelWire& wire_;
  SamplingPlan plan_;
};

SamplingPlan SamplingPlanner::Plan() {
  const pb::InvokeRequest& message = *request_.message;
  Value temperature = {
      "temperature", {}, request_.set_by_caller.temperature, wire_.temperature};
  if (message.has_temperature()) temperature.value = message.temperature();
  Value top_p = {"top_p", {}, request_.set_by_caller.top_p, wire_.top_p};
  if (message.has_top_p()) top_p.value = message.top_p();
  // While it thinks, Claude refuses any temperature but 1.
  if (ThinksWithBudget(wire_) && PlanReasoning(request_).enabled == true) {
    if (temperature.rule == Sampling::kSend)
      temperature.rule = Sampling::kFixed;
    if (top_p.rule == Sampling::kSend) top_p.rule = Sampling::kFixed;
  }
  ApplyRule(temperature);
  ApplyRule(top_p);
  if (wire_.exclusive) Choose(temperature, top_p);
  plan_.temperature = temperature.value;
  plan_.top_p = top_p.value;
  PlanMaxTokens();
  return std::move(plan_);
}

void SamplingPlanner::ApplyRule(Value& value) {
  if (!value.value.has_value() || value.rule == Sampling::kSend) return;
  if (value.rule == Sampling::kOmit) return Drop(value, " does not take it");
  if (*value.value != 1) Drop(value, " takes no other value than 1 here");
}

void SamplingPlanner::Choose(Value& temperature, Value& top_p) {
  if (!temperature.value.has_value() || !top_p.value.has_value()) return;
  const bool top_p_alone = top_p.set_by_caller && !temperature.set_by_caller;
  Drop(top_p_alone ? temperature : top_p,
       " takes only one of temperature and top_p");
}

void SamplingPlanner::Drop(Value& value, absl::string_view why) {
  value.value.reset();
  if (!value.set_by_caller) return;
  plan_.warnings.push_back(
      absl::StrCat(value.name, " was dropped: ", request_.model(), why));
}

void SamplingPlanner::PlanMaxTokens() {
  if (!request_.message->has_max_tokens()) return;
  const int64_t asked = request_.message->max_tokens();
  const int64_t fitted = MaxTokensOf(request_);
  if (wire_.max_tokens == ModelWire::MaxTokens::kOmit) {
    if (request_.set_by_caller.max_tokens) {
      plan_.warnings.push_back(absl::StrCat(
          "max_tokens was dropped: ", request_.model(), " does not take it"));
    }
    return;
  }
  plan_.max_tokens = fitted;
  if (fitted == asked) return;
  plan_.warnings.push_back(absl::StrCat("max_tokens was lowered from ", asked,
                                        " to ", fitted, ", which is what ",
                                        request_.model(), " has room for"));
}

// The tokens that the context leaves for the answer; 0 if it is unknown, or if
// even the prompt may be too long, which only the upstream can say.
int64_t RoomInContext(const ChatRequest& request) {
  const int64_t context = request.target->model.context_size;
  if (context <= 0) return 0;
  const int64_t prompt = EstimatePromptTokens(*request.message);
  return std::max<int64_t>(context - prompt - prompt / kPromptMargin, 0);
}

}  // namespace

SamplingPlan PlanSampling(const ChatRequest& request) {
  return SamplingPlanner(request).Plan();
}

int64_t MaxTokensOf(const ChatRequest& request) {
  const int64_t asked = request.message->max_tokens();
  const int64_t limit = request.target->model.max_output_tokens;
  const int64_t fitted = limit > 0 ? std::min(asked, limit) : asked;
  if (request.model() == request.message->model()) return fitted;
  const int64_t room = RoomInContext(request);
  return room > 0 ? std::min(fitted, room) : fitted;
}

}  // namespace holysheep
