#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/random/bit_gen_ref.h"
#include "absl/time/time.h"
#include "base/event_loop.h"
#include "chat/backend.h"
#include "chat/patience.h"
#include "http/transport.h"
#include "openai/response_codec.h"

namespace holysheep {

// One request to the upstream, and what its answer is read by.
struct OpenAiAttempt {
  HttpRequest http;
  std::shared_ptr<const pb::InvokeRequest> message;
  // Counts the wait for a connection; null if nobody asks.
  std::shared_ptr<AttemptStats> stats;
  std::vector<std::string> warnings;
  AnswerReaderOptions reader;
  // The most silence, as configured: from when the request has a connection, or
  // one is being made for it, to the first piece, and from piece to piece.
  absl::Duration first_token_timeout;
  absl::Duration idle_timeout;
  // The caller's, which may rise; counts where it is less.
  std::shared_ptr<const Patience> patience;
};

// Sends the attempt and reads its answer; a call as any other (chat/backend.h).
// `random` makes the ids of tool calls that have none. `loop`,
// `transport` and `random` must outlive it.
std::unique_ptr<ChatCall> StartOpenAiCall(EventLoop& loop,
                                          HttpTransport& transport,
                                          absl::BitGenRef random,
                                          OpenAiAttempt attempt,
                                          ChatObserver& observer);

}  // namespace holysheep
