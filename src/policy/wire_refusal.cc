// A refusal only ever takes something away, so that corrections come to an end:
// `max_tokens` may become `max_completion_tokens` or the other way round, but
// what has been refused under both names is left out.
#include "policy/wire_refusal.h"

#include <bit>

namespace holysheep {
namespace {

struct Row {
  WireRefusal refusal;
  absl::string_view name;
  absl::string_view parameter;
  absl::string_view consequence;
};

constexpr Row kRows[] = {
    {WireRefusal::kMaxTokensName, "max_tokens name", "max_tokens",
     "is sent as max_completion_tokens"},
    {WireRefusal::kMaxTokens, "max_tokens", "max_tokens", "is left out"},
    {WireRefusal::kMaxCompletionTokens, "max_completion_tokens",
     "max_completion_tokens", "is not sent under this name"},
    {WireRefusal::kTemperature, "temperature", "temperature", "is left out"},
    {WireRefusal::kTemperatureValue, "temperature value", "temperature",
     "is left out unless it is 1"},
    {WireRefusal::kTopP, "top_p", "top_p", "is left out"},
    {WireRefusal::kTopPValue, "top_p value", "top_p",
     "is left out unless it is 1"},
    {WireRefusal::kTopPWithTemperature, "top_p with temperature", "top_p",
     "is not sent together with temperature"},
    {WireRefusal::kStreamOptions, "stream_options", "stream_options",
     "is left out"},
    {WireRefusal::kResponseFormat, "response_format", "response_format",
     "asks for JSON in a simpler form"},
};

uint32_t MaskOf(WireRefusal refusal) {
  return uint32_t{1} << static_cast<int>(refusal);
}
// The second step of kResponseFormat.
constexpr uint32_t kSecondStep = uint32_t{1} << kWireRefusalCount;

ModelWire::MaxTokens MaxTokensAfter(ModelWire::MaxTokens first,
                                    const WireRefusals& refusals) {
  using Name = ModelWire::MaxTokens;
  const bool renamed = refusals.Has(WireRefusal::kMaxTokensName);
  const bool old_name = renamed || refusals.Has(WireRefusal::kMaxTokens);
  const bool new_name = refusals.Has(WireRefusal::kMaxCompletionTokens);
  if (first == Name::kMaxTokens && old_name) {
    return renamed && !new_name ? Name::kMaxCompletionTokens : Name::kOmit;
  }
  if (first == Name::kMaxCompletionTokens && new_name) {
    return old_name ? Name::kOmit : Name::kMaxTokens;
  }
  return first;
}

ModelWire::Sampling SamplingAfter(ModelWire::Sampling first, bool refused,
                                  bool only_one) {
  using How = ModelWire::Sampling;
  if (refused || first == How::kOmit) return How::kOmit;
  return only_one ? How::kFixed : first;
}

ModelWire::JsonSchema FormatOf(const ModelInfo& model) {
  using Form = ModelWire::JsonSchema;
  if (model.wire.json_schema.has_value()) return *model.wire.json_schema;
  if (model.Can(Capability::kJsonSchema)) return Form::kNative;
  return model.Can(Capability::kJsonObject) ? Form::kJsonObject : Form::kPrompt;
}

ModelWire::JsonSchema OneStepDown(ModelWire::JsonSchema form) {
  using Form = ModelWire::JsonSchema;
  return form == Form::kNative ? Form::kJsonObject : Form::kPrompt;
}

}  // namespace

absl::string_view WireRefusalName(WireRefusal refusal) {
  return kRows[static_cast<int>(refusal)].name;
}

std::optional<WireRefusal> ParseWireRefusal(absl::string_view name) {
  for (const Row& row : kRows) {
    if (row.name == name) return row.refusal;
  }
  return std::nullopt;
}

absl::string_view ParameterOf(WireRefusal refusal) {
  return kRows[static_cast<int>(refusal)].parameter;
}

absl::string_view ConsequenceOf(WireRefusal refusal) {
  return kRows[static_cast<int>(refusal)].consequence;
}

WireRefusals::WireRefusals(std::initializer_list<WireRefusal> refusals) {
  for (const WireRefusal refusal : refusals) Add(refusal);
}

int WireRefusals::size() const { return std::popcount(bits_); }

bool WireRefusals::Has(WireRefusal refusal) const {
  return (bits_ & MaskOf(refusal)) != 0;
}

void WireRefusals::Add(WireRefusal refusal) {
  if (refusal == WireRefusal::kResponseFormat && Has(refusal)) {
    bits_ |= kSecondStep;
  }
  bits_ |= MaskOf(refusal);
}

int WireRefusals::format_steps() const {
  if (!Has(WireRefusal::kResponseFormat)) return 0;
  return (bits_ & kSecondStep) != 0 ? 2 : 1;
}

ModelWire WireAfter(const ModelInfo& model, const WireRefusals& refusals) {
  ModelWire wire = model.wire;
  wire.max_tokens = MaxTokensAfter(wire.max_tokens, refusals);
  wire.temperature =
      SamplingAfter(wire.temperature, refusals.Has(WireRefusal::kTemperature),
                    refusals.Has(WireRefusal::kTemperatureValue));
  wire.top_p = SamplingAfter(wire.top_p, refusals.Has(WireRefusal::kTopP),
                             refusals.Has(WireRefusal::kTopPValue));
  if (refusals.Has(WireRefusal::kTopPWithTemperature)) wire.exclusive = true;
  if (refusals.Has(WireRefusal::kStreamOptions)) wire.stream_options = false;
  auto form = FormatOf(model);
  for (int step = 0; step < refusals.format_steps(); ++step) {
    // Below the prompt there is nothing, so that the wire stays as it is.
    if (form == ModelWire::JsonSchema::kPrompt) break;
    form = OneStepDown(form);
    wire.json_schema = form;
  }
  return wire;
}

}  // namespace holysheep
