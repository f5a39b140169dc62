// Upstreams that refuse what others require. A request without the refused
// members gets an ordinary answer.
#include "sim/wild/wild_kinds.h"

namespace holysheep::sim {
namespace dialects {

using When = WildRefusal::When;

constexpr WildRefusal kClaude[] = {
    {When::kHasBoth, "temperature", "top_p", 400,
     R"({"type":"error","error":{"type":"invalid_request_error","message":"`temperature` and `top_p` cannot both be specified for this model. Please use only one."}})"}};

constexpr WildRefusal kGpt5[] = {
    {When::kHas, "max_tokens", "", 400,
     R"({"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.","type":"invalid_request_error","param":"max_tokens","code":"unsupported_parameter"}})"},
    {When::kIsNotOne, "temperature", "", 400,
     R"({"error":{"message":"Unsupported value: 'temperature' does not support 0.7 with this model. Only the default (1) value is supported.","type":"invalid_request_error","param":"temperature","code":"unsupported_value"}})"},
    {When::kHas, "top_p", "", 400,
     R"({"error":{"message":"Unsupported parameter: 'top_p' is not supported with this model.","type":"invalid_request_error","param":"top_p","code":"unsupported_parameter"}})"}};

constexpr WildRefusal kNoStreamOptions[] = {
    {When::kHas, "stream_options", "", 422,
     R"({"detail":[{"type":"extra_forbidden","loc":["body","stream_options"],"msg":"Extra inputs are not permitted: stream_options"}]})"}};

constexpr WildRefusal kJsonWord[] = {
    {When::kLacks, "response_format", "json", 400,
     R"({"error":{"message":"'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.","type":"invalid_request_error","param":"messages","code":null}})"}};

constexpr WildRefusal kImageType[] = {
    {When::kHolds, "", "data:image/jpg", 400,
     R"({"error":{"message":"Unsupported media type image/jpg: use image/jpeg","type":"invalid_request_error"}})"}};

constexpr WildKind kKinds[] = {
    {.name = "dialect-claude",
     .sends = "400 to a request with both temperature and top_p",
     .right = "an answer: only one of them is sent",
     .refusals = kClaude},
    {.name = "dialect-gpt-5",
     .sends = "400 to max_tokens, to top_p, to a temperature other than 1",
     .right = "an answer: max_completion_tokens, and neither of the others",
     .refusals = kGpt5},
    {.name = "dialect-no-stream-options",
     .sends = "422 to stream_options",
     .right = "an answer at the second attempt; remembered",
     .refusals = kNoStreamOptions},
    {.name = "dialect-json-word",
     .sends = "400 to JSON mode without the word JSON in a message",
     .right = "an answer: the word is added to the prompt",
     .refusals = kJsonWord},
    {.name = "dialect-image-jpeg",
     .sends = "400 to the media type image/jpg",
     .right = "an answer: image/jpeg is sent",
     .refusals = kImageType},
};

}  // namespace dialects

absl::Span<const WildKind> WildDialects() { return dialects::kKinds; }

}  // namespace holysheep::sim
