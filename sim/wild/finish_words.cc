// The words that upstreams have for the end of an answer.
#include "sim/wild/wild_kinds.h"
#include "sim/wild/wild_pieces.h"

namespace holysheep::sim {
namespace finish_words {

constexpr WildPiece kEndTurn[] = {
    kFine,
    {R"({"id":"c-1","choices":[{"index":0,"delta":{},"finish_reason":"END_TURN"}]})"},
    kUsage,
    kDone};

constexpr WildPiece kLength[] = {
    kFine,
    {R"({"id":"c-1","choices":[{"index":0,"delta":{},"finish_reason":"max_output_tokens"}]})"},
    kUsage,
    kDone};

constexpr WildPiece kFiltered[] = {
    kFine,
    {R"({"id":"c-1","choices":[{"index":0,"delta":{},"finish_reason":"RECITATION"}]})"},
    kUsage,
    kDone};

constexpr WildPiece kUnknown[] = {
    kFine,
    {R"({"id":"c-1","choices":[{"index":0,"delta":{},"finish_reason":"sunset"}]})"},
    kUsage,
    kDone};

constexpr WildPiece kFailed[] = {
    kHalf,
    {R"({"id":"c-1","choices":[{"index":0,"delta":{},"finish_reason":"insufficient_system_resource"}]})"},
    kUsage,
    kDone};

constexpr WildPiece kFailedFirst[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]})"},
    {R"({"id":"c-1","choices":[{"index":0,"delta":{},"finish_reason":"network_error"}]})"},
    kDone};

constexpr WildPiece kInChoice[] = {
    kHalf,
    {R"({"id":"c-1","choices":[{"index":0,"delta":{},"finish_reason":"error","error":{"code":502,"message":"Provider disconnected"}}]})"},
    kDone};

constexpr WildKind kKinds[] = {
    {.name = "finish-end-turn",
     .sends = "END_TURN as the finish reason",
     .right = "STOP",
     .stream = kEndTurn,
     .whole =
         R"({"id":"c-1","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"END_TURN"}]})"},
    {.name = "finish-max-output",
     .sends = "max_output_tokens as the finish reason",
     .right = "LENGTH",
     .stream = kLength,
     .whole =
         R"({"id":"c-1","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"max_output_tokens"}]})"},
    {.name = "finish-recitation",
     .sends = "RECITATION as the finish reason",
     .right = "CONTENT_FILTER, not kept",
     .stream = kFiltered,
     .whole =
         R"({"id":"c-1","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"RECITATION"}]})"},
    {.name = "finish-unknown-word",
     .sends = "a finish reason that nobody knows",
     .right = "OTHER with a warning that names it, not kept",
     .stream = kUnknown,
     .whole =
         R"({"id":"c-1","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"sunset"}]})"},
    {.name = "failed-finish",
     .sends = "DeepSeek's insufficient_system_resource after some text",
     .right = "STREAM_TRUNCATED that names the word, not kept",
     .stream = kFailed},
    {.name = "failed-finish-first",
     .sends = "the finish reason network_error before any text, once",
     .right = "tried again, and answered",
     .stream = kFailedFirst,
     .whole =
         R"({"id":"c-1","choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"network_error"}]})",
     .times = 1},
    {.name = "error-in-choice",
     .sends = "the provider's error inside the choice, after some text",
     .right = "STREAM_TRUNCATED with the provider's words",
     .stream = kInChoice},
};

}  // namespace finish_words

absl::Span<const WildKind> WildFinishWords() { return finish_words::kKinds; }

}  // namespace holysheep::sim
