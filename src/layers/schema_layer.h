#pragma once

#include <memory>

#include "base/event_loop.h"
#include "base/worker.h"
#include "chat/backend.h"

namespace holysheep {

// A layer that makes models without json_schema keep to one. For a JSON_SCHEMA
// request to such a model it holds the text back, checks it (see JsonSchema),
// and asks once more if it fails, with the wrong answer and what is wrong with
// it; a second failure is UPSTREAM_MALFORMED. Reasoning is passed on at once,
// of both answers. The response counts the tokens, cost and attempts of both
// and has a warning. Where a limit of ours leaves no room for the second
// question the error says what the first one cost, and its answer is kept in
// the request's `unfinished`, if there is one: whoever asks again with it does
// not buy it anew. An answer that is cut off, refused or calls tools is
// passed on as it is, and so is every other request, at no cost.
//
// Belongs below Fallback, because it goes by the model asked now, and above
// Retry, because its second question is a call of its own. What it holds back
// is bounded by the size of an answer. What may take longer than a millisecond
// is done on `worker`. Loop thread only.
std::unique_ptr<ChatBackend> SchemaLayer(EventLoop& loop, Worker& worker,
                                         std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
