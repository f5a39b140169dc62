#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>

#include "absl/strings/string_view.h"
#include "policy/catalog.h"
#include "policy/model_wire.h"

// What an upstream can say it does not take of what ModelWire governs, and what
// is sent instead. Reasoning is not among them: it is sent only to those who
// ask for it. Pure.
namespace holysheep {

enum class WireRefusal {
  kMaxTokensName,  // `max_tokens`, which is to be `max_completion_tokens`
  kMaxTokens,
  kMaxCompletionTokens,
  kTemperature,
  kTemperatureValue,  // any temperature but 1
  kTopP,
  kTopPValue,  // any top_p but 1
  kTopPWithTemperature,
  kStreamOptions,
  // The form in which JSON is asked for: one step, from the schema to
  // `json_object`, and from that to the prompt.
  kResponseFormat,
};
inline constexpr int kWireRefusalCount = 10;

// Such as `temperature value`: how errors carry it (ErrorDetails::refused).
absl::string_view WireRefusalName(WireRefusal refusal);
// Nothing if none has that name.
std::optional<WireRefusal> ParseWireRefusal(absl::string_view name);

// The parameter's name in the upstream's request, such as `temperature`; for
// kTopPWithTemperature `top_p`, which gives way unless the caller set it.
absl::string_view ParameterOf(WireRefusal refusal);
// What becomes of the parameter, for people, such as `is left out`.
absl::string_view ConsequenceOf(WireRefusal refusal);

// A set of what one model has refused. A value.
class WireRefusals {
 public:
  WireRefusals() = default;
  WireRefusals(std::initializer_list<WireRefusal> refusals);

  bool empty() const { return bits_ == 0; }
  // kResponseFormat counts twice: once for each step.
  int size() const;
  bool Has(WireRefusal refusal) const;
  // Adds one; kResponseFormat also a second time.
  void Add(WireRefusal refusal);
  void Add(const WireRefusals& others) { bits_ |= others.bits_; }
  // How many of `kResponseFormat` there are, 0 to 2.
  int format_steps() const;

  bool operator==(const WireRefusals&) const = default;

 private:
  uint32_t bits_ = 0;
};

// What `model` takes after `refusals`, whose order does not matter. That it is
// equal to what it was before one of them means that leaving it out changes
// nothing.
ModelWire WireAfter(const ModelInfo& model, const WireRefusals& refusals);

}  // namespace holysheep
