#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/event_loop.h"
#include "chat/backend.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {

struct BatchOptions {
  // Items that have come in and whose results have not been taken, at most.
  size_t max_open = 64;
  // Until when items may wait for the limits.
  absl::Time deadline = absl::InfiniteFuture();
};

struct BatchInput {
  std::string id;
  // What to ask, or what is wrong with it.
  absl::StatusOr<ChatRequest> request;
  // Whether to wait, again and again, while a limit has no room for it.
  // Otherwise it fails as a single call does.
  bool patient = true;
};

struct BatchOutput {
  std::string id;
  // Its position in the input, from 0.
  int64_t index = 0;
  absl::StatusOr<pb::InvokeResponse> outcome;
};

// Where a batch's items come from and its results go. Must not call back from
// inside; OnEnd may destroy the batch.
class BatchPeer {
 public:
  // There is room for an item: to be answered by one Add or EndInput, now or
  // later.
  virtual void OnRoom() = 0;
  // A result. The next one comes after TakeResult.
  virtual void OnResult(BatchOutput result) = 0;
  // The input has ended and all results have been taken.
  virtual void OnEnd() = 0;

 protected:
  ~BatchPeer() = default;
};

// Many calls of `chat` as one piece of work that yields to all others: items
// come in as there is room for them, results go out as they finish, and what
// is held at once is bounded however long the input is. Loop thread only.
// Destroying it cancels what runs.
class Batch {
 public:
  virtual ~Batch() = default;

  // Asks for the first item. Once.
  virtual void Begin() = 0;
  // REQUIRES: OnRoom asked for it.
  virtual void Add(BatchInput item) = 0;
  // No more items will come. REQUIRES: as Add.
  virtual void EndInput() = 0;
  // The last result is out of the way.
  virtual void TakeResult() = 0;
};

// All that is passed by reference must outlive the batch.
std::unique_ptr<Batch> NewBatch(EventLoop& loop, ChatBackend& chat,
                                const BatchOptions& options, BatchPeer& peer);

}  // namespace holysheep
