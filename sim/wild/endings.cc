// How answers end, or do not.
#include "sim/wild/wild_kinds.h"
#include "sim/wild/wild_pieces.h"

namespace holysheep::sim {
namespace endings {

using End = WildKind::End;

// Longer in all than clients wait for more after a finish reason.
constexpr WildPiece kOnEvery[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"one "},"finish_reason":"stop"}]})"},
    {.data =
         R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"two "},"finish_reason":"stop"}]})",
     .pause_ms = 2600},
    {.data =
         R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"three"},"finish_reason":"stop"}]})",
     .pause_ms = 2600},
    {.data = kUsage.data, .pause_ms = 100},
    kDone};

constexpr WildPiece kBeforeText[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":""},"finish_reason":"stop"}]})"},
    {.data =
         R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"the answer"},"finish_reason":null}]})",
     .pause_ms = 5300},
    kStop,
    kUsage,
    kDone};

constexpr WildPiece kAfterFinish[] = {
    kHalf,
    kStop,
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":" and more"},"finish_reason":null}]})"}};

constexpr WildPiece kNoEnd[] = {kFine, kStop, kUsage};

constexpr WildPiece kNoFinish[] = {kFine, kUsage, kDone};

constexpr WildPiece kJustEnds[] = {kHalf};

constexpr WildPiece kNullWords[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"one "},"finish_reason":"null"}]})"},
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"two"},"finish_reason":""}]})"},
    kStop,
    kUsage,
    kDone};

constexpr WildPiece kNoChoice[] = {
    {R"({"id":"c-1","choices":[],"usage":{"prompt_tokens":19,"completion_tokens":0,"total_tokens":19}})"},
    kDone};

constexpr WildPiece kDoneAlone[] = {kDone};

constexpr WildPiece kEmpty[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":""},"finish_reason":null}]})"},
    kStop,
    {R"({"id":"c-1","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":0,"total_tokens":9}})"},
    kDone};

constexpr WildKind kKinds[] = {
    {.name = "finish-on-every-chunk",
     .sends = "a finish reason on every chunk of a slow stream",
     .right = "all three pieces, STOP, no warning",
     .stream = kOnEvery},
    {.name = "finish-before-text",
     .sends = "a finish reason, a pause of 5.3 s, and then the text",
     .right = "the text",
     .stream = kBeforeText},
    {.name = "text-after-finish",
     .sends = "text after the finish reason, then a broken connection",
     .right = "STREAM_TRUNCATED, not kept",
     .stream = kAfterFinish,
     .end = End::kBroken},
    {.name = "text-after-finish-ended",
     .sends = "text after the finish reason, then a proper end of the body",
     .right = "both texts, STOP",
     .stream = kAfterFinish},
    {.name = "no-done",
     .sends = "a finish reason, and the end of the body without [DONE]",
     .right = "the text, STOP, no warning",
     .stream = kNoEnd},
    {.name = "hang-after-finish",
     .sends = "a finish reason, and then nothing: the connection stays open",
     .right = "the text, STOP, after 5 s of silence",
     .stream = kNoEnd,
     .end = End::kOpen},
    {.name = "done-without-finish",
     .sends = "text and [DONE], but no finish reason",
     .right = "the text with a warning, not kept",
     .stream = kNoFinish},
    {.name = "just-ends",
     .sends = "text, and the end of the body",
     .right = "STREAM_TRUNCATED",
     .stream = kJustEnds},
    {.name = "null-finish",
     .sends = "finish reasons that are the word null, and empty",
     .right = "they are none: the whole text, STOP",
     .stream = kNullWords,
     .whole = kFineWhole},
    {.name = "no-choice",
     .sends = "no choice at all, but usage and [DONE]",
     .right = "UPSTREAM_MALFORMED, after more attempts",
     .stream = kNoChoice,
     .whole =
         R"({"id":"c-1","choices":[],"usage":{"prompt_tokens":19,"completion_tokens":0,"total_tokens":19}})"},
    {.name = "done-alone",
     .sends = "[DONE] and nothing else",
     .right = "UPSTREAM_MALFORMED, after more attempts",
     .stream = kDoneAlone},
    {.name = "empty-answer",
     .sends = "an answer that ends well and says nothing",
     .right = "given after more attempts, with a warning, not kept",
     .stream = kEmpty,
     .whole =
         R"({"id":"c-1","choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"stop"}],"usage":{"prompt_tokens":9,"completion_tokens":0,"total_tokens":9}})"},
};

}  // namespace endings

absl::Span<const WildKind> WildEndings() { return endings::kKinds; }

}  // namespace holysheep::sim
