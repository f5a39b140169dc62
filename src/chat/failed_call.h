#pragma once

#include <memory>

#include "absl/status/status.h"
#include "base/event_loop.h"
#include "chat/backend.h"

namespace holysheep {

// Returns a call that has already failed. It reports `error` on the next turn
// of the loop, since Start must not call the observer. For backends that find
// an error before anything has begun. REQUIRES: !error.ok().
std::unique_ptr<ChatCall> FailedCall(EventLoop& loop, ChatObserver& observer,
                                     absl::Status error);

}  // namespace holysheep
