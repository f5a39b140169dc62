#include "policy/catalog.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "policy/wire_families.h"

namespace holysheep {
namespace {

// In the order of the enumeration, so that a capability is its own index.
constexpr std::array<absl::string_view, kCapabilityCount> kNames = {
    "vision",         "audio",       "video",       "document", "tools",
    "parallel_tools", "json_object", "json_schema", "reasoning"};

constexpr uint32_t kEveryCapability = (1u << kCapabilityCount) - 1;

constexpr uint32_t BitOf(Capability capability) {
  return 1u << static_cast<int>(capability);
}

// The capabilities of every built-in model, and `more`.
uint32_t BuiltInCapabilities(std::initializer_list<Capability> more) {
  uint32_t bits = BitOf(Capability::kTools) |
                  BitOf(Capability::kParallelTools) |
                  BitOf(Capability::kJsonObject);
  for (const Capability capability : more) bits |= BitOf(capability);
  return bits;
}

constexpr Money Cents(int64_t cents) {
  return Money::FromPicos(cents * 10'000'000'000);
}

// The upstream has one price for all tokens of a model, cached or not. All
// its prices at once, so that none is forgotten.
void SetPrices(ModelInfo& model, Money price, Money official) {
  model.prompt_price = price;
  model.completion_price = price;
  model.cached_prompt_price = price;
  model.cache_write_price = price;
  model.official_price = official;
}

ModelInfo DeepSeekV32() {
  ModelInfo model;
  model.id = std::string(Catalog::BuiltInDefaultModel());
  model.label = "DeepSeek V3.2";
  SetPrices(model, Cents(42), Cents(280));
  model.context_size = 131'072;
  model.max_output_tokens = 8'192;
  model.capabilities = BuiltInCapabilities({Capability::kReasoning});
  return model;
}

ModelInfo Gpt41() {
  ModelInfo model;
  model.id = "gpt-4.1";
  model.label = "GPT-4.1";
  SetPrices(model, Cents(800), Cents(6000));
  model.context_size = 1'047'576;
  model.max_output_tokens = 32'768;
  model.capabilities =
      BuiltInCapabilities({Capability::kVision, Capability::kJsonSchema});
  return model;
}

ModelInfo ClaudeSonnet45() {
  ModelInfo model;
  model.id = "claude-sonnet-4.5";
  model.label = "Claude Sonnet 4.5";
  SetPrices(model, Cents(1500), Cents(4500));
  model.context_size = 200'000;
  model.max_output_tokens = 64'000;
  model.capabilities =
      BuiltInCapabilities({Capability::kVision, Capability::kReasoning});
  return model;
}

ModelInfo Gemini25Flash() {
  ModelInfo model;
  model.id = "gemini-2.5-flash";
  model.label = "Gemini 2.5 Flash";
  SetPrices(model, Cents(250), Cents(1000));
  model.context_size = 1'048'576;
  model.max_output_tokens = 65'536;
  model.capabilities = BuiltInCapabilities(
      {Capability::kVision, Capability::kJsonSchema, Capability::kReasoning});
  return model;
}

std::vector<std::shared_ptr<const Target>> TargetsOf(
    const std::vector<ModelInfo>& models) {
  std::vector<std::shared_ptr<const Target>> targets;
  targets.reserve(models.size());
  for (const ModelInfo& model : models) {
    targets.push_back(std::make_shared<const Target>(Target{model, true}));
  }
  return targets;
}

}  // namespace

absl::string_view CapabilityName(Capability capability) {
  return kNames[static_cast<size_t>(capability)];
}

bool ParseCapability(absl::string_view name, Capability& capability) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return false;
  capability = static_cast<Capability>(found - kNames.begin());
  return true;
}

Catalog::Catalog(std::vector<ModelInfo> models, std::string default_model)
    : models_(std::move(models)),
      targets_(TargetsOf(models_)),
      default_model_(std::move(default_model)) {}

// Context sizes, output limits and capabilities are those of the models' makers
// and assumed to hold until HolySheep says otherwise; a configured catalog
// replaces them.
std::vector<ModelInfo> Catalog::BuiltInModels() {
  std::vector<ModelInfo> models = {DeepSeekV32(), Gpt41(), ClaudeSonnet45(),
                                   Gemini25Flash()};
  for (ModelInfo& model : models) model.wire = WireOf(model.id);
  return models;
}

const ModelInfo* Catalog::Find(absl::string_view id) const {
  for (const ModelInfo& model : models_) {
    if (model.id == id) return &model;
  }
  return nullptr;
}

std::shared_ptr<const Target> Catalog::TargetFor(absl::string_view id) const {
  if (const ModelInfo* known = Find(id))
    return targets_[known - models_.data()];
  Target assumed;
  assumed.model.id = std::string(id);
  assumed.model.label = assumed.model.id;
  SetPrices(assumed.model, Cents(100), Cents(100));
  assumed.model.capabilities = kEveryCapability;
  assumed.model.wire = WireOf(id);
  return std::make_shared<const Target>(std::move(assumed));
}

}  // namespace holysheep
