#include "chat/answer.h"

#include <utility>

namespace holysheep {
// A cost is either typed in `cost` or text in the response, never both: whoever
// moves it clears the other place.

pb::InvokeResponse ToResponse(Answer answer) {
  if (answer.cost.has_value()) {
    WriteCost(*answer.cost, *answer.response.mutable_cost());
  }
  return std::move(answer.response);
}

Answer FromResponse(pb::InvokeResponse response) {
  Answer answer;
  if (response.has_cost()) {
    answer.cost = ReadCost(response.cost());
    response.clear_cost();
  }
  answer.response = std::move(response);
  return answer;
}

void MakeFree(Answer& answer) {
  if (answer.cost.has_value()) MakeFree(*answer.cost);
}

}  // namespace holysheep
