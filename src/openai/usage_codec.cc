#include "openai/usage_codec.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>

#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

// Doubles of this size and more are no int64.
constexpr double kBeyondInt64 = 9.2e18;

// Any number, also one that cannot be a count, so that it can be doubted by
// name. A fraction is cut off.
std::optional<int64_t> NumberOf(const JsonValue* value) {
  if (value == nullptr || !value->IsNumber()) return std::nullopt;
  if (value->IsInt64()) return value->GetInt64();
  const double number = value->GetDouble();
  if (std::isnan(number)) return std::nullopt;
  if (number >= kBeyondInt64) return std::numeric_limits<int64_t>::max();
  if (number <= -kBeyondInt64) return std::numeric_limits<int64_t>::min();
  return static_cast<int64_t>(number);
}

// Where a count may stand: in a group of details, or in `usage` itself if
// `group` is empty.
struct Place {
  absl::string_view group;
  absl::string_view name;
};

std::optional<int64_t> NumberIn(const JsonValue& usage,
                                std::initializer_list<Place> places) {
  std::optional<int64_t> largest;
  for (const Place& place : places) {
    const JsonValue* holder =
        place.group.empty() ? &usage : Member(&usage, place.group);
    const std::optional<int64_t> number = NumberOf(Member(holder, place.name));
    if (number.has_value())
      largest = std::max(*number, largest.value_or(*number));
  }
  return largest;
}

int64_t CachedTokens(const JsonValue& usage) {
  return NumberIn(usage, {{"prompt_tokens_details", "cached_tokens"},
                          {"input_tokens_details", "cached_tokens"},
                          {"", "cached_tokens"},
                          {"", "prompt_cache_hit_tokens"},
                          {"", "cache_read_input_tokens"}})
      .value_or(0);
}

int64_t CacheWriteTokens(const JsonValue& usage) {
  return NumberIn(usage, {{"", "cache_creation_input_tokens"},
                          {"prompt_tokens_details", "cache_write_tokens"},
                          {"prompt_tokens_details", "cache_creation_tokens"},
                          {"prompt_tokens_details", "cached_creation_tokens"},
                          {"input_tokens_details", "cache_write_tokens"},
                          {"input_tokens_details", "cache_creation_tokens"}})
      .value_or(0);
}

int64_t ReasoningTokens(const JsonValue& usage) {
  return NumberIn(usage, {{"completion_tokens_details", "reasoning_tokens"},
                          {"output_tokens_details", "reasoning_tokens"},
                          {"", "reasoning_tokens"}})
      .value_or(0);
}

// Anthropic's own names, with which `input_tokens` leaves the cache out. No
// other API has both.
bool HasAnthropicsNames(const JsonValue& usage) {
  return Member(&usage, "prompt_tokens") == nullptr &&
         Member(&usage, "input_tokens") != nullptr &&
         (Member(&usage, "cache_read_input_tokens") != nullptr ||
          Member(&usage, "cache_creation_input_tokens") != nullptr);
}

}  // namespace

std::optional<ReportedUsage> DecodeUsage(const JsonValue& usage) {
  ReportedUsage counts;
  counts.prompt =
      NumberIn(usage, {{"", "prompt_tokens"}, {"", "input_tokens"}});
  counts.completion =
      NumberIn(usage, {{"", "completion_tokens"}, {"", "output_tokens"}});
  counts.total = NumberIn(usage, {{"", "total_tokens"}});
  if (!counts.prompt.has_value() && !counts.completion.has_value() &&
      !counts.total.has_value()) {
    return std::nullopt;
  }
  counts.reasoning = ReasoningTokens(usage);
  counts.cached_prompt = CachedTokens(usage);
  counts.cache_write = CacheWriteTokens(usage);
  counts.cache_is_extra = HasAnthropicsNames(usage);
  return counts;
}

// CheckUsage has bounded the counts, so that none is cut here.
void WriteUsage(const ReportedUsage& reported, const UsageBounds& bounds,
                const AnswerMeasures& answer, pb::InvokeResponse& response) {
  const CheckedUsage checked = CheckUsage(reported, bounds, answer);
  const TokenCounts& tokens = checked.tokens;
  const auto count = [](int64_t number) {
    return static_cast<int32_t>(number);
  };
  pb::Usage& usage = *response.mutable_usage();
  usage.set_prompt_tokens(count(tokens.prompt));
  usage.set_completion_tokens(count(tokens.completion));
  usage.set_total_tokens(count(tokens.prompt + tokens.completion));
  usage.set_cached_prompt_tokens(count(tokens.cached_prompt));
  usage.set_cache_write_tokens(count(tokens.cache_write));
  usage.set_reasoning_tokens(count(checked.reasoning));
  usage.set_estimated(checked.estimated);
  response.set_tokens_used(usage.total_tokens());
  if (!checked.warning.empty()) response.add_warnings(checked.warning);
}

}  // namespace holysheep
