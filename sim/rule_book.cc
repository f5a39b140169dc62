#include "sim/rule_book.h"

#include <utility>

namespace holysheep::sim {
namespace {

bool IsFor(const Rule& rule, absl::string_view path, absl::string_view model) {
  return rule.times != 0 && rule.path == path &&
         (rule.model.empty() || rule.model == model);
}

void Apply(const Rule& rule, Choice& choice) {
  if (rule.fault.kind != FaultKind::kNone) choice.faults.push_back(rule.fault);
  if (rule.answer.has_value()) choice.answer = rule.answer;
}

}  // namespace

RuleBook::RuleBook(std::vector<Rule> rules, std::vector<Rule> script)
    : rules_(std::move(rules)), script_(script.begin(), script.end()) {
  for (Rule& rule : script_) {
    if (rule.times < 0) rule.times = 1;
  }
}

Choice RuleBook::Choose(absl::string_view path, absl::string_view model,
                        double u) {
  Choice choice;
  for (auto rule = script_.begin(); rule != script_.end(); ++rule) {
    if (!IsFor(*rule, path, model)) continue;
    Apply(*rule, choice);
    if (--rule->times <= 0) script_.erase(rule);
    return choice;
  }
  for (Rule& rule : rules_) {
    if (!IsFor(rule, path, model) || u >= rule.probability) continue;
    Apply(rule, choice);
    if (rule.times > 0) --rule.times;
  }
  return choice;
}

}  // namespace holysheep::sim
