#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "policy/price_list.h"

namespace holysheep {

// No call has more tokens of a kind. Two such counts add up to an int32.
inline constexpr int64_t kMostTokens = 1'000'000'000;

// The counts of one answer as its upstream reports them; none where it does not
// say. Any number, so that an impossible one can be named.
struct ReportedUsage {
  std::optional<int64_t> prompt;
  std::optional<int64_t> completion;
  std::optional<int64_t> total;
  int64_t reasoning = 0;
  int64_t cached_prompt = 0;
  int64_t cache_write = 0;
  // Whether the counts have the names of an API whose prompt count leaves out
  // what concerns the prompt cache.
  bool cache_is_extra = false;
};

// Takes in a later report of the same answer: counts run up, so a complete one
// replaces all before it, unless it has fallen back to zero, and a partial one
// raises what it names.
void Update(const ReportedUsage& later, ReportedUsage& usage);

// How many tokens the request and the model can make; kMostTokens at most.
struct UsageBounds {
  int64_t prompt = kMostTokens;
  // Thinking aside.
  int64_t completion = kMostTokens;
};

// Measures of an answer, known without its upstream's report.
struct AnswerMeasures {
  int64_t estimated_prompt_tokens = 0;
  size_t answer_bytes = 0;
  // Part of them: the reasoning that was shown.
  size_t reasoning_bytes = 0;
};

// The counts that are believed. `prompt` and `completion` of the tokens are
// kMostTokens at most, and the parts of the prompt do not exceed it.
struct CheckedUsage {
  TokenCounts tokens;
  // Part of the completion.
  int64_t reasoning = 0;
  bool estimated = false;
  // Names the counts that are not believed; empty if there are none.
  std::string warning;
};

// Makes the parts add up, and decides what is believed. Pure.
// 1. More reasoning than completion is in addition to it.
// 2. What the total has beyond its parts is output, that is thinking, unless it
//    is exactly what concerns the prompt cache: then that is in addition to the
//    prompt. So it is if it exceeds the prompt, and if `cache_is_extra` and no
//    total says otherwise.
// 3. A missing part is what the total has beyond the other one.
// 4. A count that is negative, beyond `bounds` or beyond kMostTokens is not
//    believed, but estimated from `answer`; one that is still missing too. So
//    is a prompt of 0 with a completion, since every prompt has tokens. Any
//    other zero stays.
CheckedUsage CheckUsage(const ReportedUsage& reported,
                        const UsageBounds& bounds,
                        const AnswerMeasures& answer);

}  // namespace holysheep
