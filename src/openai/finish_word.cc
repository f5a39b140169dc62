#include "openai/finish_word.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace holysheep {
namespace {

struct Known {
  absl::string_view word;
  Finish meaning;
};
// The words of OpenAI, Anthropic, Gemini, Mistral, DeepSeek, Zhipu and
// of servers such as vLLM and TGI.
constexpr Known kKnown[] = {
    {"stop", Finish::kStop},
    {"end_turn", Finish::kStop},
    {"stop_sequence", Finish::kStop},
    {"eos", Finish::kStop},
    {"eos_token", Finish::kStop},
    {"completed", Finish::kStop},
    {"length", Finish::kLength},
    {"max_tokens", Finish::kLength},
    {"model_length", Finish::kLength},
    {"max_output_tokens", Finish::kLength},
    {"model_context_window_exceeded", Finish::kLength},
    {"tool_calls", Finish::kToolCalls},
    {"tool_use", Finish::kToolCalls},
    {"function_call", Finish::kToolCalls},
    {"content_filter", Finish::kContentFilter},
    {"safety", Finish::kContentFilter},
    {"sensitive", Finish::kContentFilter},
    {"recitation", Finish::kContentFilter},
    {"prohibited_content", Finish::kContentFilter},
    {"blocklist", Finish::kContentFilter},
    {"spii", Finish::kContentFilter},
    {"refusal", Finish::kContentFilter},
    {"error", Finish::kFailed},
    {"network_error", Finish::kFailed},
    {"insufficient_system_resource", Finish::kFailed},
    {"abort", Finish::kFailed},
    {"aborted", Finish::kFailed},
    {"cancelled", Finish::kFailed},
};

}  // namespace

absl::string_view FinishWordIn(const JsonValue& choice) {
  const absl::string_view word =
      absl::StripAsciiWhitespace(TextOf(Member(&choice, "finish_reason")));
  return absl::EqualsIgnoreCase(word, "null") ? absl::string_view() : word;
}

Finish MeaningOf(absl::string_view word) {
  if (word.empty()) return Finish::kNone;
  for (const Known& known : kKnown) {
    if (absl::EqualsIgnoreCase(word, known.word)) return known.meaning;
  }
  return Finish::kOther;
}

}  // namespace holysheep
