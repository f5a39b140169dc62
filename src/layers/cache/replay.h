#pragma once

#include <memory>

#include "base/event_loop.h"
#include "chat/answer.h"
#include "chat/answer_store.h"
#include "chat/backend.h"

namespace holysheep {

// Returns the end of a replayed `answer`: the stored one, marked as cached and
// free. `outcome` is HIT or STALE of pb::CacheInfo.
Answer ReplayedEnding(const StoredAnswer& answer, int outcome, absl::Time now);

// Returns the end of an answer for a caller who has joined it, free.
Answer JoinedEnding(const Answer& answer);

// Passes a stored answer to `observer`: `started`, then the pieces in their
// order, neighbours merged, then the end. Calls `observer` before it returns:
// use it on a turn of its own.
void Replay(const StoredAnswer& answer, int outcome, absl::Time now,
            ChatObserver& observer);

// Returns a call that replays `answer` as a HIT on the next turn of the loop.
std::unique_ptr<ChatCall> ReplayCall(
    EventLoop& loop, ChatObserver& observer,
    std::shared_ptr<const StoredAnswer> answer);

}  // namespace holysheep
