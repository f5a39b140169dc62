#pragma once

#include <memory>

#include "absl/status/status.h"
#include "base/event_loop.h"
#include "chat/backend.h"

namespace holysheep {

// A call that has already failed: says so on the next turn of the loop, since
// Start may not.
std::unique_ptr<ChatCall> FailedCall(EventLoop& loop, ChatObserver& observer,
                                     absl::Status error);

}  // namespace holysheep
