// Parts of an answer that the chat API has no field for, and a second choice.
#include "sim/wild/wild_kinds.h"
#include "sim/wild/wild_pieces.h"

namespace holysheep::sim {
namespace odd_parts {

constexpr WildPiece kImages[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"","images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]},"finish_reason":null}]})"},
    kStop,
    kUsage,
    kDone};

constexpr WildPiece kAnnotations[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"fine","annotations":[{"type":"url_citation","url_citation":{"url":"https://example.com/a","title":"A"}}]},"finish_reason":null}]})"},
    kStop,
    kUsage,
    kDone};

constexpr WildPiece kCitations[] = {
    {R"({"id":"c-1","citations":["https://example.com/a"],"choices":[{"index":0,"delta":{"content":"fine"},"finish_reason":null}]})"},
    {R"({"id":"c-1","citations":["https://example.com/a"],"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"},
    kUsage,
    kDone};

constexpr WildPiece kAudio[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"audio":{"id":"audio_1","data":"UklGRg==","transcript":"hello"}},"finish_reason":null}]})"},
    kStop,
    kUsage,
    kDone};

constexpr WildPiece kLogprobs[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"fine"},"finish_reason":null,"logprobs":{"content":[{"token":"fine","logprob":-0.25}]}}]})"},
    kStop,
    kUsage,
    kDone};

constexpr WildPiece kThink[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"<thi"},"finish_reason":null}]})"},
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"nk>let me see</th"},"finish_reason":null}]})"},
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"ink>fine"},"finish_reason":null}]})"},
    kStop,
    kUsage,
    kDone};

constexpr WildPiece kSameIndex[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"fi"},"finish_reason":null},{"index":0,"delta":{"content":"ne"},"finish_reason":null}]})"},
    kStop,
    kUsage,
    kDone};

constexpr WildPiece kTwoChoices[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"fine"},"finish_reason":null},{"index":1,"delta":{"content":"other"},"finish_reason":null}]})"},
    {R"({"id":"c-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"},{"index":1,"delta":{},"finish_reason":"length"}]})"},
    kUsage,
    kDone};

constexpr WildKind kKinds[] = {
    {.name = "images-part",
     .sends = "a picture in the member images, and no text",
     .right = "kept in opaque_json, or a warning that names images",
     .stream = kImages,
     .whole =
         R"({"choices":[{"index":0,"message":{"role":"assistant","content":"","images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"}}]},"finish_reason":"stop"}]})"},
    {.name = "annotations",
     .sends = "annotations next to the text",
     .right = "kept in opaque_json, or a warning that names them",
     .stream = kAnnotations,
     .whole =
         R"({"choices":[{"index":0,"message":{"role":"assistant","content":"fine","annotations":[{"type":"url_citation","url_citation":{"url":"https://example.com/a","title":"A"}}]},"finish_reason":"stop"}]})"},
    {.name = "citations",
     .sends = "citations at the top of the answer",
     .right = "kept in opaque_json, or a warning that names them",
     .stream = kCitations,
     .whole =
         R"({"citations":["https://example.com/a"],"choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}]})"},
    {.name = "audio-part",
     .sends = "audio, and no text",
     .right = "kept in opaque_json, or a warning that names audio",
     .stream = kAudio},
    {.name = "logprobs",
     .sends = "logprobs in the choice",
     .right = "kept in opaque_json, or a warning that names logprobs",
     .stream = kLogprobs,
     .whole =
         R"({"choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"logprobs":{"content":[{"token":"fine","logprob":-0.25}]},"finish_reason":"stop"}]})"},
    {.name = "think-tags",
     .sends = "<think> at the start of the content, cut anywhere",
     .right = "reasoning, for a model whose wire.think_tags is true",
     .stream = kThink,
     .whole =
         R"({"choices":[{"index":0,"message":{"role":"assistant","content":"<think>let me see</think>fine"},"finish_reason":"stop"}]})"},
    {.name = "choice-in-pieces",
     .sends = "two entries of choices that have the same index",
     .right = "joined",
     .stream = kSameIndex},
    {.name = "two-choices",
     .sends = "a second choice that nobody asked for",
     .right = "the first, with a warning",
     .stream = kTwoChoices,
     .whole =
         R"({"choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"},{"index":1,"message":{"role":"assistant","content":"other"},"finish_reason":"length"}]})"},
};

}  // namespace odd_parts

absl::Span<const WildKind> WildParts() { return odd_parts::kKinds; }

}  // namespace holysheep::sim
