#pragma once

#include <memory>

#include "base/event_loop.h"
#include "chat/answer_store.h"
#include "chat/backend.h"

namespace holysheep {

// Answers repeated requests from `store`, joins identical requests that are
// under way into one call of `next`, and keeps the whole answers. A call with
// an empty key, or with the cache off, passes through. `store` and `options`
// must outlive the layer; `options` may change between turns of the loop.
std::unique_ptr<ChatBackend> CacheLayer(EventLoop& loop, AnswerStore& store,
                                        const CacheOptions& options,
                                        std::unique_ptr<ChatBackend> next);

// The whole answer to `request` if a fresh one is kept and the request may be
// answered from it; false otherwise. For unary calls that want to skip the
// loop. Thread-safe.
bool AnswerFromStore(AnswerStore& store, const ChatRequest& request,
                     absl::Time now, pb::InvokeResponse& response);

}  // namespace holysheep
