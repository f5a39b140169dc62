#pragma once

#include "absl/status/status.h"
#include "chat/backend.h"

namespace holysheep {

// Two calls may ask for the same thing and differ in how: who asks, how often
// and how long to try, and which models may stand in. Whether a call as
// `other` wants it may end well although one as `tried` wanted it has ended in
// `error`.
bool CouldSucceedAlone(const absl::Status& error, const ChatRequest& tried,
                       const ChatRequest& other);

}  // namespace holysheep
