#pragma once

#include <memory>

#include "base/event_loop.h"
#include "chat/backend.h"

namespace holysheep {

// Whose bytes a MemoryLayer counts.
enum class MemoryOf {
  // What the observer keeps of its answer, to send it: with the call's own
  // memory, until the observer has let go of that.
  kReader,
  // What a flight keeps for those who join: until the answer ends. Calls
  // without a key have no flight.
  kFlight,
};

// Counts the bytes of the answer that passes in the account of the request's
// `memory`, and ends the call with QUEUE_FULL where there is no room for more.
// A piece costs an addition; the account itself is touched once in
// MemoryAccount::kStep bytes. Requests without `memory` pass. On the loop only.
std::unique_ptr<ChatBackend> MemoryLayer(EventLoop& loop, MemoryOf whose,
                                         std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
