#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "chat/backend.h"

namespace holysheep {

// An upstream attempt that has ended. The references are valid only during the
// call.
struct AttemptRecord {
  const ChatRequest& request;
  // CANCELLED if the attempt was abandoned.
  const absl::Status& status;
  // Whether the same call had asked the same model before.
  bool retry = false;
  // From the admission of the attempt to its end.
  absl::Duration duration;
};

// Receives every upstream attempt once it has ended. On the loop only.
class AttemptSink {
 public:
  virtual ~AttemptSink() = default;
  // Must not block.
  virtual void RecordAttempt(const AttemptRecord& attempt) = 0;
};

}  // namespace holysheep
