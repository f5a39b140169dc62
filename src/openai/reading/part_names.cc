#include "openai/reading/part_names.h"

#include <string>

#include "absl/strings/match.h"
#include "json/json.h"

namespace holysheep {
namespace {

using PartName = absl::string_view;

// The likeliest names stand first: most members of a chunk are found at once.
constexpr PartName kOfAnswer[] = {"id",
                                  "object",
                                  "created",
                                  "model",
                                  "choices",
                                  "usage",
                                  "service_tier",
                                  "system_fingerprint",
                                  "obfuscation",
                                  "provider",
                                  "x_groq",
                                  "error",
                                  "code",
                                  "msg",
                                  "message",
                                  "status",
                                  "success",
                                  "type",
                                  "base_resp",
                                  "created_at",
                                  "timings",
                                  "time_info",
                                  "detail",
                                  "errors",
                                  "requestId",
                                  "nonce",
                                  "padding",
                                  "error_code",
                                  "error_msg",
                                  "input_sensitive",
                                  "output_sensitive"};
constexpr PartName kOfChoice[] = {"index",
                                  "delta",
                                  "message",
                                  "finish_reason",
                                  "error",
                                  "usage",
                                  "text",
                                  "stop_reason",
                                  "native_finish_reason",
                                  "matched_stop",
                                  "finish_details",
                                  "content_filter_results",
                                  "content_filter_offsets"};
constexpr PartName kOfMessage[] = {
    "content",       "role",       "reasoning_content",
    "reasoning",     "tool_calls", "refusal",
    "function_call", "name",       "id",
    "type",          "index",      "finish_reason",
    "padding",       "obfuscation"};

// OpenRouter's and LiteLLM's names for signed reasoning, whose elements come
// one by one.
constexpr PartName kLists[] = {"reasoning_details", "thinking_blocks"};
// Gemini's signatures, which come whole.
constexpr PartName kWholes[] = {"extra_content", "thought_signature"};
constexpr PartName kGroups[] = {"logprobs", "audio"};
constexpr PartName kContent[] = {"images", "image",        "audio", "audios",
                                 "video",  "videos",       "files", "file",
                                 "output", "content_parts"};
// As the intake has them, see validation_opaque.cc.
constexpr PartName kOwnFields[] = {
    "role",         "content",           "name",
    "tool_call_id", "reasoning_content", "tool_calls"};

template <size_t kCount>
bool IsAmong(const PartName (&names)[kCount], PartName name) {
  for (const PartName known : names) {
    if (known == name) return true;
  }
  return false;
}

bool IsPassedOver(PartName name, PartPlace place) {
  switch (place) {
    case PartPlace::kAnswer:
      return IsAmong(kOfAnswer, name) || absl::EndsWith(name, "_id");
    case PartPlace::kChoice:
      return IsAmong(kOfChoice, name);
    case PartPlace::kMessage:
      break;
  }
  return IsAmong(kOfMessage, name);
}

}  // namespace

PartUse UseOf(PartName name, PartPlace place) {
  if (IsPassedOver(name, place)) return PartUse::kPassOver;
  if (IsAmong(kGroups, name)) return PartUse::kGroup;
  if (place != PartPlace::kMessage) return PartUse::kOther;
  if (IsAmong(kLists, name)) return PartUse::kList;
  return IsAmong(kWholes, name) ? PartUse::kWhole : PartUse::kOther;
}

bool IsContent(PartName name) { return IsAmong(kContent, name); }

bool HasOwnField(PartName name) {
  return IsAmong(kOwnFields, FoldedName(name));
}

}  // namespace holysheep
