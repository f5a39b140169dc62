#pragma once

#include <memory>

#include "base/event_loop.h"
#include "chat/answer_store.h"
#include "chat/backend.h"

namespace holysheep {

// What ends a replayed `answer`: the stored ending, marked as cached and free.
// `outcome` is HIT or STALE, as its number in pb::CacheInfo.
pb::InvokeResponse ReplayedEnding(const StoredAnswer& answer, int outcome,
                                  absl::Time now);

// Tells `observer` a stored answer, `started` first, then chunk for chunk as
// it once came.
void Replay(const StoredAnswer& answer, int outcome, absl::Time now,
            ChatObserver& observer);

// A call that replays `answer` as a HIT on the next turn of the loop.
std::unique_ptr<ChatCall> ReplayCall(
    EventLoop& loop, ChatObserver& observer,
    std::shared_ptr<const StoredAnswer> answer);

}  // namespace holysheep
