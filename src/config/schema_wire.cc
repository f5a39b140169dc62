#include "config/schema.h"
#include "policy/wire_families.h"

namespace holysheep::config {
namespace {

using MaxTokens = ModelWire::MaxTokens;
using Sampling = ModelWire::Sampling;
using Reasoning = ModelWire::Reasoning;
using JsonSchema = ModelWire::JsonSchema;

ScalarParser<MaxTokens> MaxTokensName() {
  return OneOf<MaxTokens>(
      {{"max_tokens", MaxTokens::kMaxTokens},
       {"max_completion_tokens", MaxTokens::kMaxCompletionTokens},
       {"omit", MaxTokens::kOmit}});
}

ScalarParser<Sampling> SamplingRule() {
  return OneOf<Sampling>({{"send", Sampling::kSend},
                          {"omit", Sampling::kOmit},
                          {"fixed", Sampling::kFixed}});
}

ScalarParser<Reasoning> ReasoningForm() {
  return OneOf<Reasoning>({{"effort", Reasoning::kEffort},
                           {"thinking", Reasoning::kThinking},
                           {"enable_thinking", Reasoning::kEnableThinking},
                           {"openrouter", Reasoning::kOpenRouter},
                           {"none", Reasoning::kNone}});
}

ScalarParser<JsonSchema> SchemaForm() {
  return OneOf<JsonSchema>({{"native", JsonSchema::kNative},
                            {"json_object", JsonSchema::kJsonObject},
                            {"prompt", JsonSchema::kPrompt}});
}

}  // namespace

void ReadWire(Fields& item, ModelInfo& model) {
  model.wire = WireOf(model.id);
  item.Section("wire", [&model](Fields& fields) {
    ModelWire& wire = model.wire;
    fields.Read("max_tokens", wire.max_tokens, MaxTokensName());
    fields.Read("temperature", wire.temperature, SamplingRule());
    fields.Read("top_p", wire.top_p, SamplingRule());
    fields.Read("exclusive", wire.exclusive, Boolean());
    Reasoning reasoning;
    if (fields.Read("reasoning", reasoning, ReasoningForm())) {
      wire.reasoning = reasoning;
      // A model that can be asked for reasoning is capable of it.
      if (reasoning != Reasoning::kNone) {
        model.capabilities |= uint32_t{1}
                              << static_cast<int>(Capability::kReasoning);
      }
    }
    fields.Read("stream_options", wire.stream_options, Boolean());
    JsonSchema json_schema;
    if (fields.Read("json_schema", json_schema, SchemaForm())) {
      wire.json_schema = json_schema;
    }
    fields.Read("think_tags", wire.think_tags, Boolean());
  });
}

}  // namespace holysheep::config
