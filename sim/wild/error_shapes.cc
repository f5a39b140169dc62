// The shapes that errors have, inside a stream and instead of it.
#include "sim/wild/wild_kinds.h"
#include "sim/wild/wild_pieces.h"

namespace holysheep::sim {
namespace error_shapes {

constexpr WildPiece kObject[] = {
    kHalf,
    {R"({"object":"error","message":"CUDA out of memory","code":500})"},
    kDone};

constexpr WildPiece kText[] = {{R"({"error":"The engine ran out of memory"})"},
                               kDone};

constexpr WildPiece kNakedJson[] = {
    kHalf,
    {.data = R"({"error":{"message":"Internal server hiccup","code":500}})"
             "\n",
     .raw = true}};

constexpr WildPiece kNakedText[] = {
    kHalf,
    {.data = "upstream connect error or disconnect/reset before headers\n",
     .raw = true}};

constexpr WildKind kKinds[] = {
    {.name = "error-object",
     .sends = "an object of the type error without the member, after text",
     .right = "UPSTREAM_5XX with its words",
     .stream = kObject,
     .whole =
         R"({"object":"error","message":"CUDA out of memory","code":500})"},
    {.name = "error-text",
     .sends = "an error that is a text, as the first event",
     .right = "UPSTREAM_5XX with its words, after more attempts",
     .stream = kText,
     .whole = R"({"error":"The engine ran out of memory"})"},
    {.name = "naked-error-line",
     .sends = "after text a bare line of JSON with an error, not an event",
     .right = "an error with its words",
     .stream = kNakedJson},
    {.name = "naked-text-line",
     .sends = "after text a bare line of words from a proxy, not an event",
     .right = "an error with these words",
     .stream = kNakedText},
    {.name = "html-200",
     .sends = "200 with a page of HTML",
     .right = "an error with the page's words",
     .whole = "<html><head><title>Down for maintenance</title></head>"
              "<body><h1>Down for maintenance</h1></body></html>\n",
     .content_type = "text/html"},
    {.name = "text-200",
     .sends = "200 with plain text",
     .right = "an error with the text",
     .whole = "no healthy upstream",
     .content_type = "text/plain"},
    {.name = "code-msg-200",
     .sends = "200 with code and msg",
     .right = "an error with its words",
     .whole =
         R"({"code":1302,"msg":"too many requests of this account","success":false})"},
    {.name = "base-resp-200",
     .sends = "200 with base_resp and no choices",
     .right = "an error with its words",
     .whole =
         R"({"id":"x","choices":null,"base_resp":{"status_code":1013,"status_msg":"internal service error of MiniMax"}})"},
    {.name = "fastapi-422",
     .sends = "422 with FastAPI's list of what is missing",
     .right = "INVALID_ARGUMENT with its words",
     .whole =
         R"({"detail":[{"loc":["body","messages"],"msg":"field required","type":"missing"}]})",
     .status = 422},
    {.name = "errors-list",
     .sends = "400 with a list of errors",
     .right = "INVALID_ARGUMENT with its words",
     .whole =
         R"({"errors":[{"code":"7003","message":"Could not route to the model"}],"success":false})",
     .status = 400},
    {.name = "metadata-raw",
     .sends = "502 with OpenRouter's metadata.raw",
     .right = "UPSTREAM_5XX with the provider's own words",
     .whole =
         R"({"error":{"message":"Provider returned error","code":502,"metadata":{"raw":"{\"error\":{\"message\":\"The GPU fell off the bus\"}}","provider_name":"Acme"}}})",
     .status = 502},
    {.name = "json-in-message",
     .sends = "500 whose message is JSON itself",
     .right = "UPSTREAM_5XX with the words inside",
     .whole =
         R"({"error":{"message":"{\"error\":{\"message\":\"The shard is rebalancing\"}}","type":"server_error"}})",
     .status = 500},
};

}  // namespace error_shapes

absl::Span<const WildKind> WildErrorShapes() { return error_shapes::kKinds; }

}  // namespace holysheep::sim
