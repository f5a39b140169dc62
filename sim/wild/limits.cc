// Rate limits that say in their own way when to come back. Each is met once.
#include "sim/wild/wild_kinds.h"

namespace holysheep::sim {
namespace limits {

constexpr absl::string_view kSlowDown = R"({"error":{"message":"slow down"}})";

constexpr WildKind kKinds[] = {
    {.name = "wait-in-body",
     .sends = "429 whose body has a RetryInfo of 1.2 s, once",
     .right = "the next attempt not before 1.2 s",
     .whole =
         R"({"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"Quota exceeded.","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"1.2s"}]}})",
     .status = 429,
     .times = 1},
    {.name = "wait-in-text",
     .sends = "429 with the words: try again in 1.2s, once",
     .right = "the next attempt not before 1.2 s",
     .whole =
         R"({"error":{"message":"Rate limit reached for model on tokens per min. Please try again in 1.2s.","type":"tokens","code":"rate_limit_exceeded"}})",
     .status = 429,
     .times = 1},
    {.name = "wait-ms-header",
     .sends = "429 with retry-after-ms: 1200, once",
     .right = "the next attempt not before 1.2 s",
     .whole = kSlowDown,
     .status = 429,
     .headers = "retry-after-ms: 1200\r\n",
     .times = 1},
    {.name = "wait-reset-header",
     .sends = "429 with x-ratelimit-reset-requests: 1.2s, once",
     .right = "the next attempt not before 1.2 s",
     .whole = kSlowDown,
     .status = 429,
     .headers = "x-ratelimit-remaining-requests: 0\r\n"
                "x-ratelimit-reset-requests: 1.2s\r\n",
     .times = 1},
    {.name = "wait-fraction",
     .sends = "429 with Retry-After: 1.2s, once",
     .right = "the next attempt not before 1.2 s",
     .whole = kSlowDown,
     .status = 429,
     .headers = "Retry-After: 1.2s\r\n",
     .times = 1},
    {.name = "retry-after-zero",
     .sends = "429 with Retry-After: 0, once",
     .right = "tried again, never before the ordinary back-off",
     .whole = kSlowDown,
     .status = 429,
     .headers = "Retry-After: 0\r\n",
     .times = 1},
    {.name = "retry-after-past",
     .sends = "429 with a Retry-After of the year 2015, once",
     .right = "tried again, never before the ordinary back-off",
     .whole = kSlowDown,
     .status = 429,
     .headers = "Retry-After: Thu, 01 Jan 2015 00:00:00 UTC\r\n",
     .times = 1},
    {.name = "wait-with-quota-words",
     .sends = "429 that speaks of the plan and names a wait, once",
     .right = "a rate limit: tried again, and answered",
     .whole =
         R"({"error":{"message":"You exceeded your current quota, please check your plan and billing details. Please retry in 0.2s.","status":"RESOURCE_EXHAUSTED"}})",
     .status = 429,
     .times = 1},
};

}  // namespace limits

absl::Span<const WildKind> WildLimits() { return limits::kKinds; }

}  // namespace holysheep::sim
