// Bytes that a strict parser trips over.
#include "sim/wild/wild_kinds.h"
#include "sim/wild/wild_pieces.h"

namespace holysheep::sim {
namespace bytes {

constexpr WildPiece kSplitEmoji[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"ok \ud83d"},"finish_reason":null}]})"},
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"\udc4d done"},"finish_reason":null}]})"},
    kStop,
    kUsage,
    kDone};

constexpr WildPiece kHalfSurrogate[] = {
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"ok \ud83d"},"finish_reason":null}]})"},
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":" done"},"finish_reason":null}]})"},
    kStop,
    kUsage,
    kDone};

constexpr WildPiece kHalfUtf8[] = {
    {"{\"id\":\"c-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a "
     "caf\xc3\"},\"finish_reason\":null}]}"},
    {R"({"id":"c-1","choices":[{"index":0,"delta":{"content":" b"},"finish_reason":null}]})"},
    kStop,
    kUsage,
    kDone};

constexpr WildPiece kSplitUtf8[] = {
    {"{\"id\":\"c-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a "
     "caf\xc3\"},\"finish_reason\":null}]}"},
    {"{\"id\":\"c-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\xa9 "
     "b\"},\"finish_reason\":null}]}"},
    kStop,
    kUsage,
    kDone};

constexpr WildPiece kMark[] = {
    {.data = "\xef\xbb\xbf", .raw = true}, kFine, kStop, kUsage, kDone};

constexpr WildPiece kNan[] = {
    {R"({"id":"c-1","speed":NaN,"choices":[{"index":0,"delta":{"content":"fine"},"finish_reason":null}],"score":-Infinity})"},
    kStop,
    kUsage,
    kDone};

constexpr WildPiece kPlain[] = {kFine, kStop, kUsage, kDone};

constexpr WildKind kKinds[] = {
    {.name = "split-emoji",
     .sends = "an emoji whose surrogates are in two chunks",
     .right = "the emoji",
     .stream = kSplitEmoji},
    {.name = "half-surrogate",
     .sends = "one half of an emoji, and never the other",
     .right = "U+FFFD in its place",
     .stream = kHalfSurrogate},
    {.name = "half-utf8",
     .sends = "the first byte of a character, and never the second",
     .right = "U+FFFD in its place",
     .stream = kHalfUtf8},
    {.name = "split-utf8",
     .sends = "the two bytes of a character in two chunks",
     .right = "the character",
     .stream = kSplitUtf8},
    {.name = "bom",
     .sends = "a byte order mark before the first event",
     .right = "the text",
     .stream = kMark,
     .whole =
         "\xef\xbb\xbf"
         R"({"choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}]})"},
    {.name = "nan",
     .sends = "NaN and -Infinity in members that nobody reads",
     .right = "the text",
     .stream = kNan,
     .whole =
         R"({"speed":NaN,"choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}]})"},
    {.name = "gzip-unasked",
     .sends = "a body compressed though nobody asked",
     .right = "the text",
     .stream = kPlain,
     .whole = kFineWhole,
     .gzip = true},
};

}  // namespace bytes

absl::Span<const WildKind> WildBytes() { return bytes::kKinds; }

}  // namespace holysheep::sim
