#include "chat/token_sums.h"

#include <cstdint>

#include "holysheep/node/v1/chat.pb.h"
#include "policy/capped_sum.h"

namespace holysheep {
namespace {

// `Sum` has the fields of Usage, with `Count` as their type.
template <typename Count, typename Sum>
void Add(const pb::Usage& more, Sum& sum) {
  const auto add = [](Count count, int32_t by) {
    return CappedSum<Count>(count, by);
  };
  sum.set_prompt_tokens(add(sum.prompt_tokens(), more.prompt_tokens()));
  sum.set_completion_tokens(
      add(sum.completion_tokens(), more.completion_tokens()));
  sum.set_total_tokens(add(sum.total_tokens(), more.total_tokens()));
  sum.set_cached_prompt_tokens(
      add(sum.cached_prompt_tokens(), more.cached_prompt_tokens()));
  sum.set_cache_write_tokens(
      add(sum.cache_write_tokens(), more.cache_write_tokens()));
  sum.set_reasoning_tokens(
      add(sum.reasoning_tokens(), more.reasoning_tokens()));
  sum.set_estimated(sum.estimated() || more.estimated());
}

}  // namespace

void AddUsage(const pb::Usage& more, pb::UsageTotals& sum) {
  Add<int64_t>(more, sum);
}

void AddUsage(const pb::Usage& more, pb::Usage& sum) {
  Add<int32_t>(more, sum);
}

}  // namespace holysheep
