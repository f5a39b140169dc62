#pragma once

#include <memory>

#include "base/event_loop.h"
#include "chat/answer_store.h"
#include "chat/backend.h"

namespace holysheep {

// Answers repeated requests from `store`, joins identical running requests into
// one call of `next`, and stores whole answers. A call with an empty key, or
// with the cache turned off, passes through. `store` and `options` must outlive
// the layer; `options` may change between turns of the loop. On the loop only.
std::unique_ptr<ChatBackend> CacheLayer(EventLoop& loop, AnswerStore& store,
                                        const CacheOptions& options,
                                        std::unique_ptr<ChatBackend> next);

// Returns true, with the whole answer to `request`, if a fresh one is stored
// and the request may be answered from it. For unary calls that bypass the
// loop. Thread-safe.
bool AnswerFromStore(AnswerStore& store, const ChatRequest& request,
                     absl::Time now, Answer& answer);

}  // namespace holysheep
