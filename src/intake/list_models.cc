#include "intake/list_models.h"

#include "holysheep/node/v1/node.pb.h"
#include "policy/catalog.h"
#include "policy/model_wire.h"
#include "policy/price_list.h"

namespace holysheep {
// Limits of models are left out: they are the operator's, not the callers',
// concern.

namespace {

std::string TextOf(const std::optional<Money>& price) {
  return price.has_value() ? price->ToString() : "";
}

// The parameters of a request that go to the model. One that may only be 1 is
// none: there is nothing to set.
void FillParameters(const ModelWire& wire, pb::Model& model) {
  using Sampling = ModelWire::Sampling;
  if (wire.temperature == Sampling::kSend) model.add_parameters("temperature");
  if (wire.top_p == Sampling::kSend) model.add_parameters("top_p");
  if (wire.max_tokens != ModelWire::MaxTokens::kOmit) {
    model.add_parameters("max_tokens");
  }
  for (const char* name : {"presence_penalty", "frequency_penalty", "seed"}) {
    model.add_parameters(name);
  }
}

void FillModel(const ModelInfo& info, pb::Model& model) {
  model.set_id(info.id);
  model.set_label(info.label);
  model.set_context_size(info.context_size);
  model.set_max_output_tokens(info.max_output_tokens);
  for (int i = 0; i < kCapabilityCount; ++i) {
    const auto capability = static_cast<Capability>(i);
    if (info.Can(capability)) {
      model.add_capabilities(std::string(CapabilityName(capability)));
    }
  }
  model.set_prompt_price(info.prompt_price.ToString());
  model.set_completion_price(info.completion_price.ToString());
  model.set_cached_prompt_price(info.cached_prompt_price.ToString());
  model.set_cache_write_price(info.cache_write_price.ToString());
  model.set_official_price(info.official_price.ToString());
  const OfficialPrices official = OfficialPricesOf(info);
  model.set_official_prompt_price(TextOf(official.prompt));
  model.set_official_cached_prompt_price(TextOf(official.cached_prompt));
  model.set_official_cache_write_price(TextOf(official.cache_write));
  model.set_official_completion_price(TextOf(official.completion));
  model.set_saving_percent(SavingPercent(info));
  model.set_currency("USD");
  FillParameters(info.wire, model);
}

}  // namespace

pb::ListModelsResponse ListModels(const Catalog& catalog,
                                  WhyUnavailable why_unavailable) {
  pb::ListModelsResponse response;
  for (const ModelInfo& info : catalog.models()) {
    pb::Model& model = *response.add_models();
    FillModel(info, model);
    model.set_is_default(info.id == catalog.default_model());
    model.set_unavailable_reason(why_unavailable(info.id));
    model.set_available(model.unavailable_reason().empty());
  }
  return response;
}

}  // namespace holysheep
