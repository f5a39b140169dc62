#pragma once

#include "sim/wild/wild_kind.h"

// The pieces that many kinds share. Internal to the tables.
namespace holysheep::sim {

inline constexpr WildPiece kFine = {
    R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"fine"},"finish_reason":null}]})"};
inline constexpr WildPiece kHalf = {
    R"({"id":"c-1","choices":[{"index":0,"delta":{"content":"half"},"finish_reason":null}]})"};
inline constexpr WildPiece kStop = {
    R"({"id":"c-1","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]})"};
inline constexpr WildPiece kCalls = {
    R"({"id":"c-1","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]})"};
inline constexpr WildPiece kUsage = {
    R"({"id":"c-1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}})"};
inline constexpr WildPiece kDone = {"[DONE]"};

inline constexpr absl::string_view kFineWhole =
    R"({"id":"c-1","choices":[{"index":0,"message":{"role":"assistant","content":"fine"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}})";

}  // namespace holysheep::sim
