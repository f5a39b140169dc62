#include "chat/cost.h"

#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {

void FillCost(const Price& price, const ModelInfo& model, pb::Cost* cost) {
  cost->set_total(price.total.ToString());
  cost->set_prompt(price.prompt.ToString());
  cost->set_completion(price.completion.ToString());
  cost->set_official(price.official.ToString());
  // Without an official price there is no saving.
  const bool comparable = Money() < model.official_price;
  cost->set_saved(
      (comparable ? price.official - price.total : Money()).ToString());
  cost->set_prompt_unit_price(model.prompt_price.ToString());
  cost->set_completion_unit_price(model.completion_price.ToString());
  cost->set_currency("USD");
}

void MakeFree(pb::Cost* cost) {
  cost->set_total("0");
  cost->set_prompt("0");
  cost->set_completion("0");
  cost->set_saved(cost->official());
}

}  // namespace holysheep
