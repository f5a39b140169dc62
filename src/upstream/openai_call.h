#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/random/bit_gen_ref.h"
#include "absl/time/time.h"
#include "base/event_loop.h"
#include "chat/backend.h"
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
  // From when the request has a connection, or one is being made for it.
  absl::Duration first_token_timeout;
  absl::Duration idle_timeout;
  // The caller made it shorter than the configuration has it.
  bool callers_first_token = false;
  bool callers_idle = false;
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
