#pragma once

#include <memory>

#include "base/event_loop.h"
#include "base/worker.h"
#include "chat/backend.h"

namespace holysheep {

// Makes every model conform to a schema, also one with json_schema, whose
// upstream may promise more than it keeps. For a JSON_SCHEMA request it holds
// back the text and looks for the JSON in it (see FindFittingValue), which is
// all that is passed on. If there is not exactly one value that fits, asks once
// more, with the wrong answer and the fault in it; a second failure is
// UPSTREAM_MALFORMED. Reasoning of both answers is passed on at once. The
// response adds up the tokens, cost and attempts of both and has a warning.
// While a limit of the service has no room for the second question, the call
// waits with the first answer; if there is no room before its deadline, or for
// an item of a batch, the error says what the first one cost, and the answer is
// kept in the request's `unfinished`, if there is one: a later attempt with it
// does not pay for it again. An answer that is cut off, filtered, refused,
// empty or calls tools is passed on unchanged, as are all other requests, at no
// cost.
//
// Belongs below Fallback, because it depends on the model that is asked, and
// above Retry, because its second question is a call of its own. The text that
// it holds back is bounded by the size of an answer. Work that may take longer
// than a millisecond is done on `worker`. On the loop only.
std::unique_ptr<ChatBackend> SchemaLayer(EventLoop& loop, Worker& worker,
                                         std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
