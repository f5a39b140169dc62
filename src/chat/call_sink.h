#pragma once

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "chat/backend.h"

namespace holysheep {

// A call that has ended, as its caller saw it. The references are valid only
// during Record. A call that was refused before it began has none.
struct CallRecord {
  const ChatRequest& request;
  // CANCELLED if the caller left before the end.
  const absl::Status& status;
  // Null unless `status` is OK.
  const Answer* answer;
  // From the arrival of the call to its end.
  absl::Duration latency;
};

// Receives every call once it has ended. Thread-safe.
class CallSink {
 public:
  virtual ~CallSink() = default;
  // Called before the caller has its answer, so it must be quick.
  virtual void Record(const CallRecord& call) = 0;

  using Task = absl::AnyInvocable<void()>;
  // Whether everything recorded so far is where it has to be before an answer
  // goes out. It is at once where nothing needs to outlive the process.
  virtual bool IsKept() const { return true; }
  // Calls `then` as soon as that is so: before it returns, or on a thread of
  // the sink, which `then` must not hold up.
  virtual void WhenKept(Task then) { then(); }
  // Whether a call that begins now may be recorded; false if too many wait.
  virtual bool HasRoom() const { return true; }
};

}  // namespace holysheep
