// JSON in the dresses in which models give it. The schema that they answer is
// {"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]}.
#include "sim/wild/wild_kinds.h"
#include "sim/wild/wild_pieces.h"

namespace holysheep::sim {
namespace structured {

constexpr WildPiece kFence[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"```JSON\n{\"n\":1}\n```"},"finish_reason":null}]})"},
    kStop,
    kUsage,
    kDone};

constexpr WildPiece kOpenFence[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"```json\n{\"n\":1}\n"},"finish_reason":null}]})"},
    kStop,
    kUsage,
    kDone};

constexpr WildPiece kWords[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"Here is the JSON:\n\n{\"n\":1}\n\nLet me know if you need more."},"finish_reason":null}]})"},
    kStop,
    kUsage,
    kDone};

constexpr WildPiece kLabel[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"json\n{\"n\":1}"},"finish_reason":null}]})"},
    kStop,
    kUsage,
    kDone};

constexpr WildPiece kThink[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"<think>hm, {\"m\":2}?</think>\n{\"n\":1}"},"finish_reason":null}]})"},
    kStop,
    kUsage,
    kDone};

constexpr WildPiece kMark[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"\ufeff{\"n\":1}"},"finish_reason":null}]})"},
    kStop,
    kUsage,
    kDone};

constexpr WildPiece kWrong[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"{\"m\":1}"},"finish_reason":null}]})"},
    kStop,
    kUsage,
    kDone};

constexpr absl::string_view kOne = R"({"n":1} after one call)";

constexpr WildKind kKinds[] = {
    {.name = "json-fence",
     .sends = "JSON in a fence that is labelled JSON",
     .right = kOne,
     .stream = kFence},
    {.name = "json-open-fence",
     .sends = "JSON in a fence that is not closed",
     .right = kOne,
     .stream = kOpenFence},
    {.name = "json-words-around",
     .sends = "JSON with words before and after",
     .right = kOne,
     .stream = kWords},
    {.name = "json-label",
     .sends = "the word json on a line of its own, then JSON",
     .right = kOne,
     .stream = kLabel},
    {.name = "json-think-inline",
     .sends = "<think> with other JSON inside, then JSON",
     .right = kOne,
     .stream = kThink},
    {.name = "json-bom",
     .sends = "a byte order mark before the JSON",
     .right = kOne,
     .stream = kMark},
    {.name = "json-wrong-once",
     .sends = "JSON that does not fit the schema, once; then JSON that does",
     .right = R"({"n":1} after one repair, also with a native schema)",
     .stream = kWrong,
     .whole =
         R"({"choices":[{"index":0,"message":{"role":"assistant","content":"{\"m\":1}"},"finish_reason":"stop"}]})",
     .times = 1,
     .then = R"({"n":1})"},
    {.name = "json-wrong",
     .sends = "JSON that does not fit the schema, always",
     .right = "an error, never a wrong object",
     .stream = kWrong},
};

}  // namespace structured

absl::Span<const WildKind> WildStructured() { return structured::kKinds; }

}  // namespace holysheep::sim
