#pragma once

#include "chat/backend.h"

namespace holysheep {

// Adds to the whole `response` why the service chose the model of `request`,
// and the cost of the same tokens with the default model. Does nothing if the
// caller named the model. Called by the metering layer at the end of a call.
void NoteRouting(const ChatRequest& request, pb::InvokeResponse& response);

}  // namespace holysheep
