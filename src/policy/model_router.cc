#include "policy/model_router.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/errors.h"
#include "policy/price_list.h"

namespace holysheep {
namespace {

// Whether the model has the capabilities, and room for prompt and answer. 0 is
// an unknown size, which has room for everything.
bool CanTake(const ModelInfo& model, const RoutingNeeds& needs) {
  if ((needs.capabilities & ~model.capabilities) != 0) return false;
  int64_t answer = needs.max_tokens;
  if (model.max_output_tokens > 0 && answer > model.max_output_tokens) {
    if (!needs.may_be_shorter) return false;
    answer = model.max_output_tokens;
  }
  return model.context_size == 0 ||
         needs.prompt_tokens <= model.context_size - answer;
}

bool Holds(const RoutingRule& rule, const RoutingNeeds& needs) {
  if (needs.prompt_tokens < rule.min_prompt_tokens ||
      needs.prompt_tokens > rule.max_prompt_tokens) {
    return false;
  }
  if (rule.capability.has_value() &&
      (needs.capabilities >> static_cast<int>(*rule.capability) & 1) == 0) {
    return false;
  }
  return rule.tag.empty() || std::find(needs.tags.begin(), needs.tags.end(),
                                       rule.tag) != needs.tags.end();
}

// The conditions of a rule as the caller reads them.
std::string InWords(const RoutingRule& rule, size_t position) {
  std::vector<std::string> conditions;
  if (rule.min_prompt_tokens > 0) {
    conditions.push_back(
        absl::StrCat("at least ", rule.min_prompt_tokens, " prompt tokens"));
  }
  if (rule.max_prompt_tokens != RoutingRule().max_prompt_tokens) {
    conditions.push_back(
        absl::StrCat("at most ", rule.max_prompt_tokens, " prompt tokens"));
  }
  if (!rule.tag.empty()) conditions.push_back("tag " + rule.tag);
  if (rule.capability.has_value()) {
    conditions.push_back(
        absl::StrCat("needs ", CapabilityName(*rule.capability)));
  }
  return absl::StrCat(
      "by routing.rules[", position, "] (",
      conditions.empty() ? "any request" : absl::StrJoin(conditions, ", "),
      ")");
}

// For the refusal: what no model of the catalog can do together.
std::string InWords(const RoutingNeeds& needs) {
  std::vector<absl::string_view> names;
  for (int i = 0; i < kCapabilityCount; ++i) {
    if ((needs.capabilities >> i & 1) == 0) continue;
    names.push_back(CapabilityName(static_cast<Capability>(i)));
  }
  return absl::StrCat(absl::StrJoin(names, ", "), names.empty() ? "" : "; ",
                      "about ", needs.prompt_tokens,
                      " prompt tokens and up to ", needs.max_tokens,
                      " of answer");
}

// An upper bound, since the answer may be shorter; good enough to compare.
Money MostItCosts(const ModelInfo& model, const RoutingNeeds& needs) {
  TokenCounts tokens;
  tokens.prompt = needs.prompt_tokens;
  tokens.completion = needs.max_tokens;
  return PriceTokens(model, tokens).total;
}

}  // namespace

absl::StatusOr<RoutingChoice> ChooseModel(const Catalog& catalog,
                                          absl::Span<const RoutingRule> rules,
                                          const RoutingNeeds& needs) {
  for (size_t i = 0; i < rules.size(); ++i) {
    const ModelInfo* model = catalog.Find(rules[i].model);
    if (model == nullptr || !Holds(rules[i], needs)) continue;
    if (CanTake(*model, needs)) {
      return RoutingChoice{*model, InWords(rules[i], i)};
    }
    // A rule's model that cannot take the request is passed over silently: the
    // rules are preferences.
  }
  const ModelInfo* cheapest = nullptr;
  int able = 0;
  for (const ModelInfo& model : catalog.models()) {
    if (!CanTake(model, needs)) continue;
    ++able;
    if (cheapest == nullptr ||
        MostItCosts(model, needs) < MostItCosts(*cheapest, needs)) {
      cheapest = &model;
    }
  }
  if (cheapest == nullptr) {
    return InvalidField("model",
                        absl::StrCat("auto finds no model that can take this (",
                                     InWords(needs), ")"));
  }
  return RoutingChoice{
      *cheapest,
      absl::StrCat("the cheapest of ", able, " of ", catalog.models().size(),
                   " models that can take this (", InWords(needs), ")")};
}

}  // namespace holysheep
