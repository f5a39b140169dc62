// Refusals whose words say more than their status.
#include "sim/wild/wild_kinds.h"

namespace holysheep::sim {
namespace refusals {

constexpr WildKind kKinds[] = {
    {.name = "error-context-500",
     .sends = "too long a prompt as 500 (llama.cpp)",
     .right = "CONTEXT_LENGTH, one attempt",
     .whole =
         R"({"error":{"code":500,"message":"Context size has been exceeded.","type":"server_error"}})",
     .status = 500},
    {.name = "error-context-qwen",
     .sends = "too long a prompt in Qwen's words",
     .right = "CONTEXT_LENGTH",
     .whole =
         R"({"error":{"message":"Range of input length should be [1, 129024]","code":"invalid_parameter_error"}})",
     .status = 400},
    {.name = "error-context-groq",
     .sends = "too long a prompt as 413 (Groq's request too large)",
     .right = "CONTEXT_LENGTH",
     .whole =
         R"({"error":{"message":"Request too large for model `llama-3.3-70b` on tokens per minute (TPM): Limit 12000, Requested 29871","type":"tokens","code":"rate_limit_exceeded"}})",
     .status = 413},
    {.name = "error-quota",
     .sends = "429 with insufficient_quota",
     .right = "UPSTREAM_QUOTA, one attempt",
     .whole =
         R"({"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","code":"insufficient_quota"}})",
     .status = 429},
    {.name = "error-quota-402",
     .sends = "402",
     .right = "UPSTREAM_QUOTA, one attempt",
     .whole = R"({"error":{"message":"Insufficient Balance","code":null}})",
     .status = 402},
    {.name = "error-quota-403",
     .sends = "403 with words of an empty account",
     .right = "UPSTREAM_QUOTA, one attempt",
     .whole =
         R"({"code":30001,"message":"Sorry, your account balance is insufficient","data":null})",
     .status = 403},
    {.name = "error-arrearage",
     .sends = "400 with the code Arrearage",
     .right = "UPSTREAM_QUOTA, one attempt",
     .whole =
         R"({"error":{"code":"Arrearage","message":"Access denied, please make sure your account is in good standing."}})",
     .status = 400},
    {.name = "error-moderation-403",
     .sends = "moderation as 403",
     .right = "CONTENT_FILTER",
     .whole =
         R"({"error":{"code":403,"message":"Your input was flagged by moderation","metadata":{"reasons":["violence"]}}})",
     .status = 403},
    {.name = "error-key-400",
     .sends = "a wrong key as 400",
     .right = "UPSTREAM_AUTH",
     .whole =
         R"({"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}})",
     .status = 400},
    {.name = "error-key-401",
     .sends = "401 with words of its own",
     .right = "UPSTREAM_AUTH",
     .whole = R"({"detail":"Who are you?"})",
     .status = 401},
    {.name = "error-firewall-403",
     .sends = "403 with a firewall's page",
     .right = "UPSTREAM_AUTH that speaks of access, not of the key",
     .whole = "<html><head><title>Attention Required!</title></head><body>"
              "<h1>Sorry, you have been blocked</h1></body></html>\n",
     .status = 403,
     .content_type = "text/html"},
    {.name = "error-model-503",
     .sends = "an unknown model as 503 (new-api)",
     .right = "MODEL_NOT_FOUND, one attempt",
     .whole =
         R"({"error":{"message":"No available channel for model gpt-9 under group default","code":"model_not_found"}})",
     .status = 503},
    {.name = "error-redirect",
     .sends = "308 to another address",
     .right = "UPSTREAM_CONNECT with what to do, one attempt",
     .whole = "Moved",
     .status = 308,
     .headers = "Location: https://example.com/v1/chat/completions\r\n",
     .content_type = "text/plain"},
    {.name = "error-529",
     .sends = "529, once",
     .right = "tried again, and answered",
     .whole =
         R"({"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}})",
     .status = 529,
     .times = 1},
    {.name = "error-408",
     .sends = "408, once",
     .right = "tried again, and answered",
     .whole = R"({"error":{"message":"Timed out generating response"}})",
     .status = 408,
     .times = 1},
    {.name = "error-echo",
     .sends = "400 that quotes the request's words about a quota",
     .right = "INVALID_ARGUMENT: quoted words decide nothing",
     .whole =
         R"({"error":{"message":"Invalid value: 'insufficient balance and prompt is too long'. Supported values are: 'low'","type":"invalid_request_error"}})",
     .status = 400},
};

}  // namespace refusals

absl::Span<const WildKind> WildErrors() { return refusals::kKinds; }

}  // namespace holysheep::sim
