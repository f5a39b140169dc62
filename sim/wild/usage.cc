// Token counts under all names and in all places, right and wrong.
#include "sim/wild/wild_kinds.h"
#include "sim/wild/wild_pieces.h"

namespace holysheep::sim {
namespace counts {

constexpr WildPiece kTotalOnly[] = {
    kFine,
    kStop,
    {R"({"id":"c-1","choices":[],"usage":{"prompt_tokens":20,"completion_tokens":198,"total_tokens":623}})"},
    kDone};

constexpr WildPiece kReasoning[] = {
    kFine,
    kStop,
    {R"({"id":"c-1","choices":[],"usage":{"prompt_tokens":20,"completion_tokens":10,"total_tokens":30,"completion_tokens_details":{"reasoning_tokens":50}}})"},
    kDone};

constexpr WildPiece kInChoice[] = {
    kFine,
    {R"({"id":"c-1","choices":[{"index":0,"delta":{},"finish_reason":"stop","usage":{"prompt_tokens":700,"completion_tokens":40,"total_tokens":740}}]})"},
    kDone};

constexpr WildPiece kGroq[] = {
    kFine,
    {R"({"id":"c-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"id":"req_1","usage":{"queue_time":0.01,"prompt_tokens":18,"completion_tokens":6,"total_tokens":24}}})"},
    kDone};

constexpr WildPiece kResponses[] = {
    kFine,
    {R"({"id":"c-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"input_tokens":11,"output_tokens":4,"total_tokens":15}})"},
    kDone};

constexpr WildPiece kCacheHit[] = {
    kFine,
    kStop,
    {R"({"id":"c-1","choices":[],"usage":{"prompt_tokens":100,"completion_tokens":4,"total_tokens":104,"prompt_cache_hit_tokens":64,"prompt_cache_miss_tokens":36}})"},
    kDone};

constexpr WildPiece kCacheWrite[] = {
    kFine,
    kStop,
    {R"({"id":"c-1","choices":[],"usage":{"prompt_tokens":100,"completion_tokens":4,"total_tokens":104,"prompt_tokens_details":{"cached_tokens":20,"cache_write_tokens":30}}})"},
    kDone};

constexpr WildPiece kAbsurd[] = {
    kFine,
    kStop,
    {R"({"id":"c-1","choices":[],"usage":{"prompt_tokens":999999999,"completion_tokens":999999999,"total_tokens":1999999998}})"},
    kDone};

constexpr WildPiece kPromptZero[] = {
    kFine,
    kStop,
    {R"({"id":"c-1","choices":[],"usage":{"prompt_tokens":0,"completion_tokens":7,"total_tokens":7}})"},
    kDone};

constexpr WildPiece kZero[] = {
    kFine,
    kStop,
    {R"({"id":"c-1","choices":[],"usage":{"prompt_tokens":0,"completion_tokens":0,"total_tokens":0}})"},
    kDone};

constexpr WildPiece kMissing[] = {kFine, kStop, kDone};

constexpr WildKind kKinds[] = {
    {.name = "usage-total-only",
     .sends = "thoughts that only the total counts: 20, 198, total 623",
     .right = "20 and 603 tokens: the difference is output",
     .stream = kTotalOnly,
     .whole =
         R"({"choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}],"usage":{"prompt_tokens":20,"completion_tokens":198,"total_tokens":623}})"},
    {.name = "usage-reasoning-more",
     .sends = "more reasoning tokens than output: 10 and 50",
     .right = "added: 60",
     .stream = kReasoning},
    {.name = "usage-in-choice",
     .sends = "usage inside the choice",
     .right = "700 and 40, not estimated",
     .stream = kInChoice},
    {.name = "usage-x-groq",
     .sends = "usage inside x_groq",
     .right = "18 and 6, not estimated",
     .stream = kGroq},
    {.name = "usage-responses-names",
     .sends = "input_tokens and output_tokens",
     .right = "11 and 4, not estimated",
     .stream = kResponses,
     .whole =
         R"({"choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}],"usage":{"input_tokens":11,"output_tokens":4,"total_tokens":15}})"},
    {.name = "usage-cache-hit",
     .sends = "DeepSeek's prompt_cache_hit_tokens",
     .right = "64 of 100 prompt tokens are cached",
     .stream = kCacheHit},
    {.name = "usage-cache-write",
     .sends = "tokens written to the upstream's cache: 30 of 100",
     .right = "cache_write_tokens 30, at their own price",
     .stream = kCacheWrite},
    {.name = "usage-absurd",
     .sends = "counts of almost 10^9",
     .right = "not believed: estimated, with a warning",
     .stream = kAbsurd},
    {.name = "usage-prompt-zero",
     .sends = "no prompt tokens and 7 of output",
     .right = "the prompt is estimated, and marked",
     .stream = kPromptZero},
    {.name = "usage-zero",
     .sends = "counts that are all zero",
     .right = "zero, not estimated",
     .stream = kZero},
    {.name = "usage-missing",
     .sends = "no usage",
     .right = "estimated, and marked",
     .stream = kMissing},
};

}  // namespace counts

absl::Span<const WildKind> WildUsage() { return counts::kKinds; }

}  // namespace holysheep::sim
