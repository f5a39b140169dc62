#pragma once

#include <memory>

#include "absl/random/bit_gen_ref.h"
#include "base/event_loop.h"
#include "chat/backend.h"
#include "http/transport.h"
#include "upstream/openai_options.h"

namespace holysheep {

// The end of the chain: calls an OpenAI-compatible upstream. One call is one
// attempt. FIRST_TOKEN_TIMEOUT counts from Start to the first piece of the
// answer, IDLE_TIMEOUT from piece to piece; heartbeats do not count as pieces.
// An answer that is not streamed (see OpenAiOptions::stream_unary) has neither
// deadline. The response has upstream_ms, upstream_request_id and the warnings
// about adaptations. `random` makes the ids of
// tool calls that have none. On the loop only; the arguments must outlive the
// backend.
// Errors are those of EncodeRequest, HttpObserver::OnDone, StatusFromHttp and
// AnswerReader. A finish reason followed by 5 s of silence is the end of an
// answer, since some upstreams keep the connection open.
std::unique_ptr<ChatBackend> OpenAi(EventLoop& loop, HttpTransport& transport,
                                    const OpenAiOptions& options,
                                    absl::BitGenRef random);

}  // namespace holysheep
