#include "layers/quota.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "chat/prompt_estimate.h"
#include "chat/sampling_plan.h"
#include "holysheep/node/v1/chat.pb.h"
#include "policy/catalog.h"
#include "policy/price_list.h"

namespace holysheep {

QuotaRequest QuotaRequestFor(const ChatRequest& request) {
  const ModelInfo& model = request.target->model;
  const TokenCounts tokens =
      EstimateTokenCounts(*request.message, MaxTokensOf(request));
  QuotaRequest quota;
  quota.model = model.id;
  quota.caller = request.caller->name;
  quota.app = request.message->caller().app_id();
  quota.tokens = tokens.prompt + tokens.completion;
  quota.cost = PriceTokens(model, AtMost(model, tokens)).total;
  quota.gates.push_back({{SubjectKind::kModel, quota.model}, model.limits});
  quota.gates.push_back(
      {{SubjectKind::kCaller, quota.caller}, request.caller->limits});
  if (const AppOptions* app = request.app.get()) {
    quota.gates.push_back(
        {{SubjectKind::kApp, app->id, quota.caller}, app->limits});
  }
  return quota;
}

// The smallest of the call's deadline, the request's own bound and the
// service's.
absl::Time LatestStart(const ChatRequest& request, absl::Time asked,
                       absl::Duration longest) {
  const absl::Time latest = std::min(request.deadline->at, asked + longest);
  const pb::Timeouts& timeouts = request.message->timeouts();
  if (!timeouts.has_queue_ms()) return latest;
  return std::min(latest, asked + absl::Milliseconds(timeouts.queue_ms()));
}

absl::Status RefusalError(const Limiter::Refusal& refusal, absl::Time now) {
  const bool budget = refusal.limit == Limit::kBudgets;
  ErrorDetails details;
  details.limit = std::string(LimitName(refusal.limit));
  details.subject = refusal.SubjectText();
  if (refusal.earliest.has_value()) {
    details.retry_after =
        std::max(*refusal.earliest - now, absl::ZeroDuration());
  }
  return MakeError(
      budget ? Reason::kBudgetExceeded : Reason::kRateLimitedLocal,
      absl::StrCat("this service's own limit ", details.limit, " of ",
                   details.subject,
                   " leaves no room within the time the call may wait"),
      details);
}

bool IsOwnRefusal(const absl::Status& error) {
  return RowOf(error).fault == Fault::kOwnLimit;
}

absl::Status QueueFullError(size_t waiting) {
  ErrorDetails details;
  details.limit = "max_queue";
  details.subject = SubjectText(Subject());
  return MakeError(
      Reason::kQueueFull,
      absl::StrCat(waiting, " calls are waiting already (limits.max_queue)"),
      details);
}

}  // namespace holysheep
