#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "policy/model_wire.h"
#include "policy/money.h"
#include "policy/rate_limits.h"

namespace holysheep {

// A feature that a request may need of a model. CapabilityName gives its
// spelling on the wire and in the configuration.
enum class Capability {
  // Images, sound, video and documents in a message.
  kVision,
  kAudio,
  kVideo,
  kDocument,
  // Tools, and the choice whether several may be called at once.
  kTools,
  kParallelTools,
  // Answers in JSON, or in JSON that conforms to a schema.
  kJsonObject,
  kJsonSchema,
  // Thinking before the answer, with an effort or a budget.
  kReasoning,
};
inline constexpr int kCapabilityCount = 9;

// Such as `vision` or `json_schema`.
absl::string_view CapabilityName(Capability capability);
// Returns false, and leaves `capability` as it is, if none has that name.
bool ParseCapability(absl::string_view name, Capability& capability);

// One model of the catalog. Prices are in US dollars per million tokens. Prompt
// tokens that the upstream's prompt cache had cost `cached_prompt_price`, those
// that it wrote there `cache_write_price`, all others `prompt_price`.
struct ModelInfo {
  // As the upstream knows the model.
  std::string id;
  // For people.
  std::string label;
  Money prompt_price;
  Money completion_price;
  Money cached_prompt_price;
  Money cache_write_price;
  // What the model's maker asks, for the saving; zero if it is unknown. It is
  // the short form for the four below it, of which those that are set count.
  // See OfficialPricesOf.
  Money official_price;
  std::optional<Money> official_prompt_price;
  std::optional<Money> official_cached_prompt_price;
  std::optional<Money> official_cache_write_price;
  std::optional<Money> official_completion_price;
  // In tokens; 0 is unknown.
  int64_t context_size = 0;
  int64_t max_output_tokens = 0;
  // Bit i: static_cast<Capability>(i).
  uint32_t capabilities = 0;
  // Set by the operator, in addition to those of the service.
  RateLimits limits = {};
  // Its family's (WireOf), with what the operator has changed.
  ModelWire wire = {};

  bool Can(Capability capability) const {
    return (capabilities >> static_cast<int>(capability) & 1) != 0;
  }
};

// Who is asked by one attempt. Resolved where a model is chosen, by the
// intake and for each fallback model; nothing below looks the model up again.
// Immutable, so any thread may read it.
struct Target {
  // The catalog's entry; for a model that it lacks, what is assumed of it: 1.00
  // dollar per million tokens, no saving, no limits of its own, its family's
  // wire, and every capability, since only the upstream knows.
  ModelInfo model;
  // Whether the catalog has the model.
  bool known = false;
};

// The models that the service knows. Immutable, so any thread may read it; a
// reload makes another one.
class Catalog {
 public:
  // REQUIRES: ids are distinct and `default_model` is one of them.
  Catalog(std::vector<ModelInfo> models, std::string default_model);

  // The four models of the first price list, with their prices. The source of
  // the other figures is in catalog.cc.
  static std::vector<ModelInfo> BuiltInModels();
  static absl::string_view BuiltInDefaultModel() { return "deepseek-v3.2"; }

  // In the order of the configuration.
  const std::vector<ModelInfo>& models() const { return models_; }
  // For requests that name no model.
  const std::string& default_model() const { return default_model_; }

  // Returns null if the catalog has no such model. Valid as long as the
  // catalog. Linear in the number of models, which is small.
  const ModelInfo* Find(absl::string_view id) const;

  // Returns the target that asks for `id`, never null. Outlives the catalog.
  std::shared_ptr<const Target> TargetFor(absl::string_view id) const;

 private:
  const std::vector<ModelInfo> models_;
  // Those of `models_`, in the same order.
  const std::vector<std::shared_ptr<const Target>> targets_;
  const std::string default_model_;
};

}  // namespace holysheep
