#pragma once

#include "chat/backend.h"

namespace holysheep {

// Explains in `response`, which is whole, why the service chose the model of
// `request`, and what its tokens cost with the default model instead. Leaves
// it alone if the caller named the model.
void NoteRouting(const ChatRequest& request, pb::InvokeResponse& response);

}  // namespace holysheep
