#include "openai/usage_codec.h"

#include <algorithm>

namespace holysheep {
namespace {

// No real call comes near. A larger count would be paid in sums that no ledger
// can hold, so it is treated as missing.
constexpr int64_t kMostTokens = 1'000'000'000'000;

std::optional<int64_t> Tokens(const JsonValue* value) {
  const std::optional<int64_t> count = CountOf(value);
  return count <= kMostTokens ? count : std::nullopt;
}

// Returns the count under either of two names.
std::optional<int64_t> Either(const JsonValue& usage, absl::string_view name,
                              absl::string_view other) {
  const std::optional<int64_t> count = Tokens(Member(&usage, name));
  return count.has_value() ? count : Tokens(Member(&usage, other));
}

// Returns the count `name` in either of two groups; 0 if it is missing.
int64_t Detail(const JsonValue& usage, absl::string_view group,
               absl::string_view other, absl::string_view name) {
  const auto count = Tokens(Member(Member(&usage, group), name));
  if (count.has_value()) return *count;
  return Tokens(Member(Member(&usage, other), name)).value_or(0);
}

}  // namespace

std::optional<pb::Usage> DecodeUsage(const JsonValue& usage) {
  const auto prompt = Either(usage, "prompt_tokens", "input_tokens");
  auto completion = Either(usage, "completion_tokens", "output_tokens");
  if (!prompt.has_value() || !completion.has_value()) return std::nullopt;
  int64_t reasoning = Detail(usage, "completion_tokens_details",
                             "output_tokens_details", "reasoning_tokens");
  // Reasoning is part of the answer, but some upstreams count it in addition.
  if (reasoning > *completion) *completion += reasoning;
  // Some upstreams count it in the total only.
  const int64_t parts = *prompt + *completion;
  const int64_t total = Tokens(Member(&usage, "total_tokens")).value_or(parts);
  const int64_t unnamed = std::max<int64_t>(total - parts, 0);
  *completion += unnamed;
  reasoning = std::max(reasoning, unnamed);
  int64_t cached = Detail(usage, "prompt_tokens_details",
                          "input_tokens_details", "cached_tokens");
  if (cached == 0) {
    cached = Tokens(Member(&usage, "prompt_cache_hit_tokens")).value_or(0);
  }
  pb::Usage counts;
  counts.set_prompt_tokens(*prompt);
  counts.set_completion_tokens(*completion);
  counts.set_total_tokens(*prompt + *completion);
  counts.set_cached_prompt_tokens(std::min(cached, *prompt));
  counts.set_reasoning_tokens(reasoning);
  return counts;
}

}  // namespace holysheep
