#pragma once

#include <optional>

#include "chat/cost.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {

// The end of a successful call, as the layers see it. Passed up the layers by
// ChatObserver::OnDone.
struct Answer {
  // All but its cost.
  pb::InvokeResponse response;
  // None until it has been priced.
  std::optional<Cost> cost;
};

// Returns `answer` as it leaves the service, with its cost as text. Nothing
// else writes the cost of an answer. Without a cost the field stays unset.
pb::InvokeResponse ToResponse(Answer answer);

// Returns the answer of which ToResponse made `response`. For answers that come
// from the cache.
Answer FromResponse(pb::InvokeResponse response);

// Changes the cost of an answer that was paid for before: see MakeFree(Cost&).
void MakeFree(Answer& answer);

}  // namespace holysheep
