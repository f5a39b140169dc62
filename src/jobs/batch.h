#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/event_loop.h"
#include "chat/answer.h"
#include "chat/backend.h"

namespace holysheep {

// Bounds of a batch. Set from the configuration (`limits.batch_in_flight`,
// `batch.patience`) and the RPC's deadline.
struct BatchOptions {
  // The most items whose results have not been taken.
  size_t max_open = 64;
  // The time until which items may wait for the limits.
  absl::Time deadline = absl::InfiniteFuture();
  // How long an item may wait out an open circuit or an outage of its model,
  // counted from its own first failure and from that of the model's since the
  // last answer; 0 waits for neither.
  absl::Duration patience = absl::Minutes(10);
};

// An item of a batch.
struct BatchInput {
  // As the caller gave it; may be empty, and need not be unique here.
  std::string id;
  // The request, or the reason why it is not valid.
  absl::StatusOr<ChatRequest> request;
  // Whether the item waits, repeatedly, while a limit is exhausted or its model
  // is down. Otherwise it fails as a single call would.
  bool patient = true;
};

// The result of an item. Results come in the order in which items end, not that
// of the input.
struct BatchOutput {
  std::string id;
  // Its position in the input, from 0.
  int64_t index = 0;
  absl::StatusOr<Answer> outcome;
  // What the item holds; the peer lets go of it with the result. May be null.
  std::shared_ptr<HeldMemory> memory = nullptr;
};

// The source of a batch's items and the destination of its results. Its
// functions must not call the batch before they return, but OnEnd may destroy
// it. Implemented by the reactor of InvokeBatch (rpc/batch_reactor.cc).
class BatchPeer {
 public:
  // There is room for an item. The peer answers with exactly one Add or
  // EndInput, at once or later. Not called again before that.
  virtual void OnRoom() = 0;
  // Delivers a result. The next one comes after TakeResult.
  virtual void OnResult(BatchOutput result) = 0;
  // The input has ended and all results have been taken. Called once, last.
  virtual void OnEnd() = 0;

 protected:
  ~BatchPeer() = default;
};

// Many calls of `chat` as one piece of work that gives way to all other calls.
// Items are requested as there is room for them, results are delivered as they
// finish, and the memory is bounded however long the input is. On the loop
// only. Destroying the batch cancels its calls. An item whose call fails does
// not end the batch.
class Batch {
 public:
  virtual ~Batch() = default;

  // Requests the first item. Call it once.
  virtual void Begin() = 0;
  // Starts an item. REQUIRES: OnRoom has asked for it.
  virtual void Add(BatchInput item) = 0;
  // Ends the input. REQUIRES: as Add.
  virtual void EndInput() = 0;
  // The last result has been processed. REQUIRES: OnResult has delivered it.
  // Call it once for each.
  virtual void TakeResult() = 0;
};

// `loop`, `chat` and `peer` must outlive the batch. Nothing happens before
// Begin.
std::unique_ptr<Batch> NewBatch(EventLoop& loop, ChatBackend& chat,
                                const BatchOptions& options, BatchPeer& peer);

}  // namespace holysheep
