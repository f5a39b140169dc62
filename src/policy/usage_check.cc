#include "policy/usage_check.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "policy/token_estimate.h"

namespace holysheep {
namespace {

bool IsPossible(int64_t count, int64_t most) {
  return count >= 0 && count <= std::min(most, kMostTokens);
}

void Raise(const std::optional<int64_t>& later, std::optional<int64_t>& count) {
  if (later.has_value()) count = std::max(*later, count.value_or(*later));
}

bool SaysNothing(const ReportedUsage& usage) {
  return usage.prompt.value_or(0) == 0 && usage.completion.value_or(0) == 0 &&
         usage.total.value_or(0) == 0;
}

// Invariant: a count is believed until Doubt has been called with it; sums are
// made of believed counts only, so that none can overflow.
class Check {
 public:
  Check(const ReportedUsage& reported, const UsageBounds& bounds,
        const AnswerMeasures& answer)
      : usage_(reported), bounds_(bounds), answer_(answer) {}

  CheckedUsage Result() {
    DropImpossible();
    AddUp();
    CompareWithBounds();
    Estimate();
    result_.tokens.prompt = *usage_.prompt;
    result_.tokens.completion = *usage_.completion;
    result_.tokens.cached_prompt = usage_.cached_prompt;
    result_.tokens.cache_write = usage_.cache_write;
    result_.reasoning = usage_.reasoning;
    if (!doubts_.empty()) {
      result_.warning =
          absl::StrCat("the upstream reports ", doubts_,
                       ", which this request and the model cannot make: "
                       "estimated instead");
    }
    return std::move(result_);
  }

 private:
  void Doubt(absl::string_view name, int64_t count) {
    absl::StrAppend(&doubts_, doubts_.empty() ? "" : " and ", name, " of ",
                    count);
    result_.estimated = true;
  }

  void DropImpossible(absl::string_view name, std::optional<int64_t>& count) {
    if (!count.has_value() || IsPossible(*count, kMostTokens)) return;
    Doubt(name, *count);
    count.reset();
  }

  void DropImpossible(absl::string_view name, int64_t& part) {
    if (IsPossible(part, kMostTokens)) return;
    Doubt(name, part);
    part = 0;
  }

  // A total that is as impossible as one of its parts is not named as well.
  void DropImpossible() {
    DropImpossible("prompt_tokens", usage_.prompt);
    DropImpossible("completion_tokens", usage_.completion);
    DropImpossible("reasoning_tokens", usage_.reasoning);
    DropImpossible("cached_tokens", usage_.cached_prompt);
    DropImpossible("cache_write_tokens", usage_.cache_write);
    if (!doubts_.empty()) {
      usage_.total.reset();
    } else if (!usage_.total.has_value() ||
               *usage_.total !=
                   usage_.prompt.value_or(0) + usage_.completion.value_or(0)) {
      DropImpossible("total_tokens", usage_.total);
    }
  }

  // With one part missing, the total tells it.
  void Complete(int64_t total) {
    const int64_t known =
        usage_.prompt.value_or(0) + usage_.completion.value_or(0);
    if (usage_.prompt.has_value() == usage_.completion.has_value()) return;
    if (total <= known) return;
    (usage_.prompt.has_value() ? usage_.completion : usage_.prompt) =
        total - known;
  }

  void AddUp() {
    const int64_t total = usage_.total.value_or(0);
    if (usage_.completion.has_value() &&
        usage_.reasoning > *usage_.completion) {
      *usage_.completion += usage_.reasoning;
    }
    if (!usage_.prompt.has_value() || !usage_.completion.has_value()) {
      if (usage_.prompt.has_value()) AddCacheToPrompt();
      Complete(total);
      return KeepParts();
    }
    const int64_t parts = *usage_.prompt + *usage_.completion;
    const int64_t unnamed = std::max<int64_t>(total - parts, 0);
    const int64_t cache = usage_.cached_prompt + usage_.cache_write;
    // The total counts both, so that it shows what is part of what.
    const bool total_has_it = cache == unnamed && usage_.reasoning != unnamed;
    const bool extra = usage_.cache_is_extra && total != parts;
    if (cache > *usage_.prompt || total_has_it || extra) {
      *usage_.prompt += cache;
    }
    const int64_t thinking =
        std::max<int64_t>(total - *usage_.prompt - *usage_.completion, 0);
    *usage_.completion += thinking;
    usage_.reasoning = std::max(usage_.reasoning, thinking);
  }

  // Without a total there is no other sign of what the prompt leaves out.
  void AddCacheToPrompt() {
    const int64_t cache = usage_.cached_prompt + usage_.cache_write;
    if (usage_.cache_is_extra || cache > *usage_.prompt)
      *usage_.prompt += cache;
  }

  // The parts of a count that was found by subtraction are not more than it.
  void KeepParts() {
    const int64_t prompt = usage_.prompt.value_or(0);
    usage_.cached_prompt = std::min(usage_.cached_prompt, prompt);
    usage_.cache_write =
        std::min(usage_.cache_write, prompt - usage_.cached_prompt);
    usage_.reasoning =
        std::min(usage_.reasoning, usage_.completion.value_or(0));
  }

  // A token has at least one byte.
  void CompareWithBounds() {
    if (usage_.prompt.has_value() &&
        !IsPossible(*usage_.prompt, bounds_.prompt)) {
      Doubt("prompt_tokens", *usage_.prompt);
      usage_.prompt.reset();
    }
    if (!usage_.completion.has_value()) return;
    const int64_t thinking = std::max(
        usage_.reasoning, static_cast<int64_t>(answer_.reasoning_bytes));
    const int64_t said = std::max<int64_t>(*usage_.completion - thinking, 0);
    if (IsPossible(said, bounds_.completion) &&
        IsPossible(*usage_.completion, kMostTokens)) {
      return;
    }
    Doubt("completion_tokens", *usage_.completion);
    usage_.completion.reset();
  }

  void Estimate() {
    if (!usage_.completion.has_value()) {
      usage_.completion =
          std::min(EstimateTokens(answer_.answer_bytes), kMostTokens);
      usage_.reasoning = 0;
      result_.estimated = true;
    }
    const bool lacks_prompt =
        usage_.prompt.value_or(0) == 0 && *usage_.completion > 0;
    if (usage_.prompt.has_value() && !lacks_prompt) return;
    usage_.prompt = std::min(answer_.estimated_prompt_tokens, kMostTokens);
    usage_.cached_prompt = 0;
    usage_.cache_write = 0;
    result_.estimated = true;
  }

  ReportedUsage usage_;
  const UsageBounds bounds_;
  const AnswerMeasures answer_;
  std::string doubts_;
  CheckedUsage result_;
};

}  // namespace

void Update(const ReportedUsage& later, ReportedUsage& usage) {
  if (later.prompt.has_value() && later.completion.has_value()) {
    if (!SaysNothing(later) || SaysNothing(usage)) usage = later;
    return;
  }
  Raise(later.prompt, usage.prompt);
  Raise(later.completion, usage.completion);
  // A total of before would be too small for the counts of now.
  if (later.total.has_value() || later.completion.has_value()) {
    usage.total = later.total;
  }
  usage.reasoning = std::max(usage.reasoning, later.reasoning);
  usage.cached_prompt = std::max(usage.cached_prompt, later.cached_prompt);
  usage.cache_write = std::max(usage.cache_write, later.cache_write);
  usage.cache_is_extra = usage.cache_is_extra || later.cache_is_extra;
}

CheckedUsage CheckUsage(const ReportedUsage& reported,
                        const UsageBounds& bounds,
                        const AnswerMeasures& answer) {
  return Check(reported, bounds, answer).Result();
}

}  // namespace holysheep
