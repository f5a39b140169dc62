// Tool calls in all the forms in which they arrive.
#include "sim/wild/wild_kinds.h"
#include "sim/wild/wild_pieces.h"

namespace holysheep::sim {
namespace tool_calls {

constexpr WildPiece kTwoIndex0[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"weather","arguments":"{\"c\":\"A\"}"}}]},"finish_reason":null}]})"},
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"weather","arguments":"{\"c\":\"B\"}"}}]},"finish_reason":null}]})"},
    kCalls,
    kUsage,
    kDone};

constexpr WildPiece kNoIds[] = {
    {R"({"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"now","arguments":"{}"}}]}}]})"},
    {R"({"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]})"},
    kDone};

constexpr WildPiece kNewIds[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"weather","arguments":"{\"c\":\"A\"}"}}]},"finish_reason":null}]})"},
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"b","function":{"name":"time","arguments":"{\"c\":\"B\"}"}}]},"finish_reason":null}]})"},
    kCalls,
    kUsage,
    kDone};

constexpr WildPiece kNamePieces[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"wea","arguments":""}}]},"finish_reason":null}]})"},
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"ther","arguments":""}}]},"finish_reason":null}]})"},
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"c\":1}"}}]},"finish_reason":null}]})"},
    kCalls,
    kUsage,
    kDone};

constexpr WildPiece kNameRepeated[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"weather","arguments":""}}]},"finish_reason":null}]})"},
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"weather","arguments":"{\"c\":"}}]},"finish_reason":null}]})"},
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"weather","arguments":"1}"}}]},"finish_reason":null}]})"},
    kCalls,
    kUsage,
    kDone};

constexpr WildPiece kObject[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"weather","arguments":{"c":1}}}]},"finish_reason":null}]})"},
    kCalls,
    kUsage,
    kDone};

constexpr WildPiece kNull[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"now","arguments":null}}]},"finish_reason":null}]})"},
    kCalls,
    kUsage,
    kDone};

constexpr WildPiece kCut[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"write","arguments":"{\"path\":\"a"}}]},"finish_reason":null}]})"},
    {R"({"id":"c-1","choices":[{"index":0,"delta":{},"finish_reason":"length"}]})"},
    kUsage,
    kDone};

constexpr WildPiece kStopped[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"now","arguments":"{}"}}]},"finish_reason":null}]})"},
    kStop,
    kUsage,
    kDone};

constexpr WildPiece kOldForm[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"function_call":{"name":"weather","arguments":""}},"finish_reason":null}]})"},
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"function_call":{"arguments":"{\"c\":1}"}},"finish_reason":null}]})"},
    {R"({"id":"c-1","choices":[{"index":0,"delta":{},"finish_reason":"function_call"}]})"},
    kUsage,
    kDone};

constexpr WildKind kKinds[] = {
    {.name = "tool-two-index-0",
     .sends = "two whole calls, both with index 0 and without an id",
     .right = "two calls with ids that differ",
     .stream = kTwoIndex0,
     .whole =
         R"({"choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"index":0,"function":{"name":"weather","arguments":"{\"c\":\"A\"}"}},{"index":0,"function":{"name":"weather","arguments":"{\"c\":\"B\"}"}}]},"finish_reason":"tool_calls"}]})"},
    {.name = "tool-no-ids",
     .sends = "a call without an id, in an answer without one",
     .right = "an id that no other answer has",
     .stream = kNoIds,
     .whole =
         R"({"choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"function":{"name":"now","arguments":"{}"}}]},"finish_reason":"tool_calls"}]})"},
    {.name = "tool-new-ids",
     .sends = "two calls with index 0 and ids of their own",
     .right = "two calls",
     .stream = kNewIds},
    {.name = "tool-name-pieces",
     .sends = "the name of a call in two pieces",
     .right = "one call with the joined name",
     .stream = kNamePieces},
    {.name = "tool-name-repeated",
     .sends = "name and id on every fragment of a call",
     .right = "one call with the name once",
     .stream = kNameRepeated},
    {.name = "tool-arguments-object",
     .sends = "arguments that are an object instead of a text",
     .right = "kept as the JSON that they are",
     .stream = kObject,
     .whole =
         R"({"choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"a","function":{"name":"weather","arguments":{"c":1}}}]},"finish_reason":"tool_calls"}]})"},
    {.name = "tool-arguments-null",
     .sends = "arguments of null",
     .right = "an empty object",
     .stream = kNull,
     .whole =
         R"({"choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"a","function":{"name":"now","arguments":null}}]},"finish_reason":"tool_calls"}]})"},
    {.name = "tool-cut",
     .sends = "arguments cut by max_tokens",
     .right = "a call marked as incomplete, and a warning",
     .stream = kCut,
     .whole =
         R"({"choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"a","function":{"name":"write","arguments":"{\"path\":\"a"}}]},"finish_reason":"length"}]})"},
    {.name = "tool-stop",
     .sends = "a call, and stop as the finish reason",
     .right = "TOOL_CALLS",
     .stream = kStopped},
    {.name = "tool-old-form",
     .sends = "function_call, the form before tools",
     .right = "one call",
     .stream = kOldForm},
};

}  // namespace tool_calls

absl::Span<const WildKind> WildToolCalls() { return tool_calls::kKinds; }

}  // namespace holysheep::sim
