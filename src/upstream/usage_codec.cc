#include "upstream/usage_codec.h"

#include <algorithm>

namespace holysheep {
namespace {

// No call comes near. What claims to would be paid in sums that no ledger can
// hold, and is as good as not said.
constexpr int64_t kMostTokens = 1'000'000'000'000;

std::optional<int64_t> Tokens(const JsonValue* value) {
  const std::optional<int64_t> count = CountOf(value);
  return count <= kMostTokens ? count : std::nullopt;
}

}  // namespace

std::optional<pb::Usage> DecodeUsage(const JsonValue& usage) {
  const auto prompt = Tokens(Member(&usage, "prompt_tokens"));
  const auto completion = Tokens(Member(&usage, "completion_tokens"));
  if (!prompt.has_value() || !completion.has_value()) return std::nullopt;
  pb::Usage counts;
  counts.set_prompt_tokens(*prompt);
  counts.set_completion_tokens(*completion);
  counts.set_total_tokens(
      Tokens(Member(&usage, "total_tokens")).value_or(*prompt + *completion));
  auto cached =
      Tokens(Member(Member(&usage, "prompt_tokens_details"), "cached_tokens"));
  if (!cached.has_value()) {
    cached = Tokens(Member(&usage, "prompt_cache_hit_tokens"));
  }
  counts.set_cached_prompt_tokens(std::min(cached.value_or(0), *prompt));
  counts.set_reasoning_tokens(
      Tokens(Member(Member(&usage, "completion_tokens_details"),
                    "reasoning_tokens"))
          .value_or(0));
  return counts;
}

}  // namespace holysheep
