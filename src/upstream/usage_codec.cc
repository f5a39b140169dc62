#include "upstream/usage_codec.h"

#include <algorithm>

namespace holysheep {

std::optional<pb::Usage> DecodeUsage(const JsonValue& usage) {
  const auto prompt = CountOf(Member(&usage, "prompt_tokens"));
  const auto completion = CountOf(Member(&usage, "completion_tokens"));
  if (!prompt.has_value() || !completion.has_value()) return std::nullopt;
  pb::Usage counts;
  counts.set_prompt_tokens(*prompt);
  counts.set_completion_tokens(*completion);
  counts.set_total_tokens(
      CountOf(Member(&usage, "total_tokens")).value_or(*prompt + *completion));
  auto cached =
      CountOf(Member(Member(&usage, "prompt_tokens_details"), "cached_tokens"));
  if (!cached.has_value()) {
    cached = CountOf(Member(&usage, "prompt_cache_hit_tokens"));
  }
  counts.set_cached_prompt_tokens(std::min(cached.value_or(0), *prompt));
  counts.set_reasoning_tokens(
      CountOf(Member(Member(&usage, "completion_tokens_details"),
                     "reasoning_tokens"))
          .value_or(0));
  return counts;
}

}  // namespace holysheep
