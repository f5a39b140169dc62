#pragma once

#include <mutex>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "chat/transcript.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {

// The events that a stream still has to write: `started`, the pieces of the
// answer, `final`, and the end. Returns one event at a time, to whichever
// thread asks for the next: the piece that has just come, or, if several have
// waited for the last write, all of one kind at once (Transcript::ReadMerged).
// Nothing waits in order to be merged. Stored packed, because a slow reader may
// leave a whole answer waiting. Thread-safe. Start, Add, End and Fail are
// called on the loop, Written on gRPC's thread.
class StreamWriteQueue {
 public:
  // What the thread that has called must do now.
  enum class Step {
    kNothing,  // Another thread writes, or there is nothing to write.
    kWrite,    // Write event(), then call Written.
    kFinish,   // End the stream with status(). Comes once, and last.
  };

  // `started` is written once, for the first of several calls. Call it before
  // Add and End.
  Step Start(const pb::Started& started);
  // Takes a copy of the delta's bytes, appended to one string.
  Step Add(const pb::InvokeEvent& delta);
  // The end of the stream, with a response or an error; only the first counts.
  Step End(pb::InvokeResponse ending);
  Step Fail(const absl::Status& error);
  // As Fail, but drops what waits to be written, and the answer with it.
  Step Cut(const absl::Status& error);
  // The reader has left: nothing is written any more. Returns kFinish once no
  // write is pending; the status is CANCELLED unless the stream had ended.
  Step Abandon();
  // The event has been written.
  Step Written();

  // Valid until Written.
  const pb::InvokeEvent& event() const { return event_; }
  // The writer has packed the event: `final`, a whole answer, is kept no longer
  // in this form. Optional, between kWrite and Written.
  void ForgetFinal() { event_.clear_final(); }
  // Valid once kFinish was returned.
  const absl::Status& status() const { return status_; }

 private:
  // Decides what is to be done after a change of the state.
  Step Next() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool TakeNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  std::mutex mutex_;
  std::optional<pb::Started> started_ ABSL_GUARDED_BY(mutex_);
  Transcript transcript_ ABSL_GUARDED_BY(mutex_);
  // The response of `final`, to which the texts are added when it is written.
  std::optional<pb::InvokeResponse> ending_ ABSL_GUARDED_BY(mutex_);
  // The position in the transcript up to which pieces have been returned.
  size_t position_ ABSL_GUARDED_BY(mutex_) = 0;
  bool said_started_ ABSL_GUARDED_BY(mutex_) = false;
  // Whether some thread has an event that it has not reported as written.
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  // Whether End, Fail or Abandon came, and whether kFinish was returned.
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  // Belong to the writer from the step that names them.
  pb::InvokeEvent event_;
  absl::Status status_;
};

}  // namespace holysheep
