#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "base/event_loop.h"
#include "chat/backend.h"

namespace holysheep {

// One call that has ended, as its caller saw it.
struct CallRecord {
  const ChatRequest& request;
  // CANCELLED if the caller left before the end.
  const absl::Status& status;
  // Null unless `status` is OK.
  const pb::InvokeResponse* response;
  absl::Duration latency;
};

// Hears of every call once it has ended. Thread-safe.
class CallSink {
 public:
  virtual ~CallSink() = default;
  virtual void Record(const CallRecord& call) = 0;
};

// Measures each call of `next` from its arrival, fills `latency_ms`,
// `first_token_ms`, `request_id` and `routing`, and tells `sink`. The outermost
// layer.
std::unique_ptr<ChatBackend> Meter(EventLoop& loop, CallSink& sink,
                                   std::unique_ptr<ChatBackend> next);

// The same for an answer that did not come through the layers.
void MeterAnswer(CallSink& sink, const ChatRequest& request, absl::Time now,
                 pb::InvokeResponse& response);

}  // namespace holysheep
