#pragma once

#include <memory>

#include "base/event_loop.h"
#include "chat/backend.h"
#include "http/transport.h"
#include "upstream/openai_options.h"

namespace holysheep {

// The end of the chain: asks an OpenAI-compatible upstream. One call is one
// attempt. FIRST_TOKEN_TIMEOUT counts from Start to the first piece of answer,
// IDLE_TIMEOUT from piece to piece; heartbeats are none. An answer that does
// not come in pieces (see OpenAiOptions::stream_unary) has neither deadline.
// The response has upstream_ms, upstream_request_id and the warnings of what
// was adapted. Loop thread only; everything must outlive the backend.
std::unique_ptr<ChatBackend> OpenAi(EventLoop& loop, HttpTransport& transport,
                                    const OpenAiOptions& options);

}  // namespace holysheep
