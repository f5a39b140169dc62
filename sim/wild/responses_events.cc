// Events of the Responses API on /chat/completions.
#include "sim/wild/wild_kinds.h"
#include "sim/wild/wild_pieces.h"

namespace holysheep::sim {
namespace responses_events {

constexpr WildPiece Named(absl::string_view bytes) {
  return {.data = bytes, .raw = true};
}

constexpr WildPiece kText[] = {
    Named(
        "event: response.created\ndata: "
        R"({"type":"response.created","response":{"id":"resp_1","status":"in_progress","output":[]}})"
        "\n\n"),
    Named(
        "event: response.output_text.delta\ndata: "
        R"({"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"fine "})"
        "\n\n"),
    Named(
        "event: response.output_text.delta\ndata: "
        R"({"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"answer"})"
        "\n\n"),
    Named(
        "event: response.completed\ndata: "
        R"({"type":"response.completed","response":{"id":"resp_1","status":"completed","usage":{"input_tokens":11,"output_tokens":4,"total_tokens":15}}})"
        "\n\n")};

constexpr WildPiece kReasoning[] = {
    {R"({"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"let me see"})"},
    {R"({"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"fine"})"},
    {R"({"type":"response.completed","response":{"id":"resp_1","status":"completed","usage":{"input_tokens":11,"output_tokens":9,"total_tokens":20,"output_tokens_details":{"reasoning_tokens":5}}}})"}};

constexpr WildPiece kCall[] = {
    {R"({"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","id":"fc_1","call_id":"call_7","name":"weather","arguments":""}})"},
    {R"({"type":"response.function_call_arguments.delta","output_index":0,"item_id":"fc_1","delta":"{\"city\":"})"},
    {R"({"type":"response.function_call_arguments.delta","output_index":0,"item_id":"fc_1","delta":"\"Ulm\"}"})"},
    {R"({"type":"response.function_call_arguments.done","output_index":0,"item_id":"fc_1","arguments":"{\"city\":\"Ulm\"}"})"},
    {R"({"type":"response.completed","response":{"id":"resp_1","status":"completed","usage":{"input_tokens":11,"output_tokens":4,"total_tokens":15}}})"}};

constexpr WildPiece kIncomplete[] = {
    {R"({"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"half of it"})"},
    {R"({"type":"response.incomplete","response":{"id":"resp_1","status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"usage":{"input_tokens":11,"output_tokens":4,"total_tokens":15}}})"}};

constexpr WildPiece kFailed[] = {
    {R"({"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"half of it"})"},
    {R"({"type":"response.failed","response":{"id":"resp_1","status":"failed","error":{"code":"server_error","message":"The model tripped"}}})"}};

constexpr WildKind kKinds[] = {
    {.name = "responses-events",
     .sends = "text as events of the Responses API",
     .right = "the text, STOP, 11 and 4 tokens",
     .stream = kText},
    {.name = "responses-reasoning",
     .sends = "a summary of its reasoning as events of the Responses API",
     .right = "reasoning and text",
     .stream = kReasoning},
    {.name = "responses-tool-call",
     .sends = "a tool call as events of the Responses API",
     .right = "one call with whole arguments, TOOL_CALLS",
     .stream = kCall},
    {.name = "responses-incomplete",
     .sends = "response.incomplete after some text",
     .right = "the text, LENGTH",
     .stream = kIncomplete},
    {.name = "responses-failed",
     .sends = "response.failed after some text",
     .right = "an error with its words",
     .stream = kFailed},
};

}  // namespace responses_events

absl::Span<const WildKind> WildResponsesEvents() {
  return responses_events::kKinds;
}

}  // namespace holysheep::sim
