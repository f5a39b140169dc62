#pragma once

#include <optional>

namespace holysheep {

// What a model takes, and under which names: the catalog's `wire`. A value. The
// defaults are those of a model about which nothing is known.
struct ModelWire {
  // The member that bounds the answer.
  enum class MaxTokens { kMaxTokens, kMaxCompletionTokens, kOmit };
  MaxTokens max_tokens = MaxTokens::kMaxTokens;

  // kFixed: only the value 1 is taken, so no other is sent.
  enum class Sampling { kSend, kOmit, kFixed };
  Sampling temperature = Sampling::kSend;
  Sampling top_p = Sampling::kSend;
  // Whether only one of temperature and top_p is taken.
  bool exclusive = false;

  // How reasoning is asked for.
  enum class Reasoning {
    kEffort,          // reasoning_effort
    kThinking,        // thinking: {type, budget_tokens}
    kEnableThinking,  // enable_thinking, as Qwen and vLLM have it
    kOpenRouter,      // reasoning: {…}
    kNone,
  };
  // Not set: an effort as an effort, anything else as `thinking`.
  std::optional<Reasoning> reasoning = std::nullopt;

  // Whether `stream_options` may be sent.
  bool stream_options = true;

  // How an answer that fits a schema is asked for.
  enum class JsonSchema { kNative, kJsonObject, kPrompt };
  // Not set: by the model's capabilities.
  std::optional<JsonSchema> json_schema = std::nullopt;

  // Whether reasoning comes as `<think>…</think>` before the text.
  bool think_tags = false;

  bool operator==(const ModelWire&) const = default;
};

}  // namespace holysheep
