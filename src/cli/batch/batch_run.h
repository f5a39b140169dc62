#pragma once

#include <cstdint>
#include <memory>
#include <mutex>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "cli/batch/batch_input.h"
#include "cli/batch/batch_output.h"
#include "cli/batch/batch_progress.h"
#include "cli/client/batch_call.h"
#include "cli/client/session.h"

namespace holysheep::cli {

// What remains of an input: its items but those that are finished. One thread.
class RemainingItems {
 public:
  // All must outlive this. With `retry_errors` items that failed remain.
  RemainingItems(BatchReader& reader, const FinishedItems& finished,
                 bool retry_errors)
      : reader_(reader), finished_(finished), retry_errors_(retry_errors) {}

  // False at the end. `index` is the item's position in the whole input, broken
  // lines left out.
  bool Next(pb::BatchItem& item, int64_t& index);

 private:
  BatchReader& reader_;
  const FinishedItems& finished_;
  const bool retry_errors_;
  int64_t index_ = -1;
};

// A batch under way: gives the stream what remains, and writes what comes.
// `Next` is for one thread, `OnResult` for another.
class BatchRun {
 public:
  struct Parts {
    RemainingItems& items;
    BatchOutput& output;
    BatchProgress* progress;  // none if null
  };

  BatchRun(Parts parts, BatchTally tally, absl::Time now)
      : parts_(parts), tally_(tally), synced_(now) {}

  bool Next(pb::BatchItem& item);
  bool OnResult(const pb::BatchResult& result);

  // Once the stream has ended. The first error of the output, or that of items
  // which were asked for and never answered although `stream` is OK.
  absl::Status Finish(const absl::Status& stream);

  const BatchTally& tally() const { return tally_; }

 private:
  // The item's position in the input; -1 for a result nobody asked for.
  int64_t TakeIndex(int64_t sent);

  const Parts parts_;
  std::mutex mutex_;
  // By the position in the stream, which is that in the input less what was
  // finished before.
  absl::flat_hash_map<int64_t, int64_t> open_;
  int64_t sent_ = 0;

  BatchTally tally_;
  absl::Time synced_;
  absl::Status written_;
};

}  // namespace holysheep::cli
