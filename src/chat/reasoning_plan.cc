#include "chat/reasoning_plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "chat/sampling_plan.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

using Form = ModelWire::Reasoning;

constexpr absl::string_view kNoEffort = "none";
constexpr absl::string_view kUsualEffort = "medium";

// The budgets that Google documents for three of the efforts, and their
// neighbours. The least is Claude's.
constexpr int64_t kLeastBudget = 1024;
struct EffortBudget {
  absl::string_view effort;
  int64_t budget;
};
constexpr EffortBudget kBudgets[] = {
    {"minimal", kLeastBudget}, {"low", kLeastBudget}, {"medium", 8192},
    {"high", 24'576},          {"xhigh", 32'768},     {"max", 32'768}};

// Any other word counts as the usual effort.
int64_t BudgetFor(absl::string_view effort) {
  int64_t usual = 0;
  for (const EffortBudget& row : kBudgets) {
    if (row.effort == effort) return row.budget;
    if (row.effort == kUsualEffort) usual = row.budget;
  }
  return usual;
}

// The boundaries lie between the budgets above.
absl::string_view EffortFor(int64_t budget) {
  if (budget < 4096) return "low";
  return budget < 16'384 ? "medium" : "high";
}

class ReasoningPlanner {
 public:
  explicit ReasoningPlanner(const ChatRequest& request)
      : request_(request), asked_(request.message->reasoning()) {}

  ReasoningPlan Plan();

 private:
  bool AsksToThink() const {
    return !refuses_ && (asked_.enabled() || !asked_.effort().empty() ||
                         asked_.has_budget_tokens());
  }
  void AsEffort();
  // For models that know no effort. A budget is part of max_tokens if
  // `within_max_tokens`.
  void AsBudget(bool within_max_tokens);
  void AsOneOfThree();
  void Warn(absl::string_view what, absl::string_view why) {
    plan_.warnings.push_back(
        absl::StrCat(what, ": ", request_.model(), " ", why));
  }
  void WarnOfLost(absl::string_view field) {
    Warn(absl::StrCat("reasoning.", field, " was dropped"),
         "is sent one form of it only");
  }

  const ChatRequest& request_;
  const pb::Reasoning& asked_;
  // An explicit `enabled: false` outweighs the others.
  const bool refuses_ = (asked_.has_enabled() && !asked_.enabled()) ||
                        (!asked_.enabled() && asked_.effort() == kNoEffort);
  ReasoningPlan plan_;
};

ReasoningPlan ReasoningPlanner::Plan() {
  const bool able = request_.target->model.Can(Capability::kReasoning);
  const std::optional<Form> form = request_.wire().reasoning;
  if (!able || form == Form::kNone) {
    if (AsksToThink()) {
      Warn("reasoning was dropped",
           able ? "cannot be asked to reason" : "does not reason");
    }
  } else if (!form.has_value()) {
    plan_.effort = asked_.effort();
    if (asked_.has_enabled()) plan_.enabled = asked_.enabled();
    if (asked_.has_budget_tokens()) plan_.budget = asked_.budget_tokens();
  } else if (refuses_ || AsksToThink()) {
    switch (*form) {
      case Form::kEffort:
        AsEffort();
        break;
      case Form::kThinking:
        AsBudget(/*within_max_tokens=*/true);
        break;
      case Form::kEnableThinking:
        AsBudget(/*within_max_tokens=*/false);
        break;
      default:
        AsOneOfThree();
    }
  }
  return std::move(plan_);
}

void ReasoningPlanner::AsEffort() {
  if (refuses_) {
    plan_.effort = std::string(kNoEffort);
    return;
  }
  if (!asked_.effort().empty()) {
    plan_.effort = asked_.effort();
    if (asked_.has_budget_tokens()) WarnOfLost("budget_tokens");
    return;
  }
  plan_.effort =
      std::string(asked_.has_budget_tokens() ? EffortFor(asked_.budget_tokens())
                                             : kUsualEffort);
  Warn("reasoning",
       absl::StrCat("knows an effort only, so ", plan_.effort, " was sent"));
}

void ReasoningPlanner::AsBudget(bool within_max_tokens) {
  plan_.enabled = !refuses_;
  if (refuses_) return;
  if (asked_.has_budget_tokens()) {
    plan_.budget = asked_.budget_tokens();
    if (!asked_.effort().empty()) WarnOfLost("effort");
    return;
  }
  const bool needs_one = ThinksWithBudget(request_.wire());
  if (asked_.effort().empty() && !needs_one) return;
  int64_t budget = asked_.effort().empty() ? BudgetFor(kUsualEffort)
                                           : BudgetFor(asked_.effort());
  if (within_max_tokens) {
    // A fifth is left for the answer, but not at the price of the least budget.
    const int64_t room = MaxTokensOf(request_) * 4 / 5;
    if (room > 0) budget = std::min(budget, std::max(room, kLeastBudget));
  }
  plan_.budget = budget;
  Warn("reasoning",
       absl::StrCat("knows a budget only, so ", budget, " tokens were sent"));
}

void ReasoningPlanner::AsOneOfThree() {
  if (refuses_) {
    plan_.enabled = false;
  } else if (asked_.has_budget_tokens()) {
    plan_.budget = asked_.budget_tokens();
    if (!asked_.effort().empty()) WarnOfLost("effort");
  } else if (!asked_.effort().empty()) {
    plan_.effort = asked_.effort();
  } else {
    plan_.enabled = true;
  }
}

}  // namespace

ReasoningPlan PlanReasoning(const ChatRequest& request) {
  return ReasoningPlanner(request).Plan();
}

}  // namespace holysheep
