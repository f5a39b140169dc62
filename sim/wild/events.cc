// Events that carry nothing, and those that seem to be errors.
#include "sim/wild/wild_kinds.h"
#include "sim/wild/wild_pieces.h"

namespace holysheep::sim {
namespace odd_events {

constexpr WildPiece Raw(absl::string_view bytes) {
  return {.data = bytes, .raw = true};
}

constexpr WildPiece kKeepAlives[] = {
    Raw(": OPENROUTER PROCESSING\n\n"),
    {": keepalive"},
    {""},
    {"ping"},
    {"null"},
    {"\"\""},
    {"[]"},
    Raw("event: ping\ndata: {\"type\": \"ping\"}\n\n"),
    kFine,
    Raw("event: heartbeat\ndata: {}\n\n"),
    Raw("event: keepalive\ndata: {\"time\": 1750000000}\n\n"),
    Raw("data:\n\n"),
    kStop,
    kUsage,
    {"ping"},
    kDone};

constexpr WildPiece kPing = {.data = "ping", .pause_ms = 200};
constexpr WildPiece kPings[] = {
    kPing, kPing, kPing, kPing, kPing, kPing, kPing, kPing, kPing, kPing,
    kPing, kPing, kPing, kPing, kPing, kPing, kPing, kPing, kPing, kPing,
    kPing, kPing, kPing, kPing, kPing, kPing, kPing, kPing, kPing, kPing};

constexpr WildPiece kNullErrors[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"f"},"finish_reason":null}],"error":null})"},
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"i"},"finish_reason":null}],"error":""})"},
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"n"},"finish_reason":null}],"error":{}})"},
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"e"},"finish_reason":null}],"error":false})"},
    {R"({"id":"c-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"error":0})"},
    kUsage,
    kDone};

constexpr WildPiece kNoSpace[] = {
    Raw(R"(data:{"id":"c-1","choices":[{"index":0,"delta":{"content":"fine"},"finish_reason":null}]})"
        "\r\n\r\n"),
    Raw(R"(data:{"id":"c-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"
        "\r\n\r\n"),
    Raw("data:[DONE]\r\n\r\n")};

constexpr WildKind kKinds[] = {
    {.name = "keepalives",
     .sends = "keep-alives in every dress: comments, ping, null, [], events",
     .right = "the text, as if they were not there",
     .stream = kKeepAlives,
     .whole = kFineWhole},
    {.name = "pings-only",
     .sends = "a ping every 200 ms for 6 s, and never an answer",
     .right = "no progress: FIRST_TOKEN_TIMEOUT at the deadline",
     .stream = kPings,
     .end = WildKind::End::kOpen},
    {.name = "null-error",
     .sends = "error members of null, empty text, {}, false and 0",
     .right = "they are none: the text",
     .stream = kNullErrors,
     .whole =
         R"({"error":null,"choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}]})"},
    {.name = "no-space-after-data",
     .sends = "events without the blank after data:, with CRLF",
     .right = "the text",
     .stream = kNoSpace},
    {.name = "json-for-a-stream",
     .sends = "one JSON object in answer to a stream request",
     .right = "the text",
     .whole = kFineWhole},
};

}  // namespace odd_events

absl::Span<const WildKind> WildEvents() { return odd_events::kKinds; }

}  // namespace holysheep::sim
