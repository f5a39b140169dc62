#pragma once

#include "absl/status/status.h"
#include "chat/backend.h"

namespace holysheep {

// Two calls may ask for the same thing under different terms: the caller, the
// number of attempts, the time in the queue and the fallback models. Returns
// whether a call with the terms of `other` may succeed although one with those
// of `tried` has ended in `error`. Pure. Used by flights, whose readers may
// have asked for more than their leader.
bool CouldSucceedAlone(const absl::Status& error, const ChatRequest& tried,
                       const ChatRequest& other);

}  // namespace holysheep
