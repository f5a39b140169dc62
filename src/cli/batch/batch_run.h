#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "cli/batch/batch_input.h"
#include "cli/batch/batch_output.h"
#include "cli/batch/batch_progress.h"
#include "cli/client/batch_call.h"
#include "cli/client/session.h"

namespace holysheep::cli {

// The items of an input except those that earlier runs have finished. One
// thread.
class RemainingItems {
 public:
  // All arguments must outlive this. With `retry_errors`, items that failed are
  // included.
  RemainingItems(BatchReader& reader, const FinishedItems& finished,
                 bool retry_errors)
      : reader_(reader), finished_(finished), retry_errors_(retry_errors) {}

  // Returns false at the end. `index` is the item's position in the whole
  // input, not counting broken lines.
  bool Next(pb::BatchItem& item, int64_t& index);
  // The user's own columns of the item that Next returned, as a JSON object;
  // empty if there are none.
  const std::string& columns() const { return columns_; }

 private:
  BatchReader& reader_;
  const FinishedItems& finished_;
  const bool retry_errors_;
  // The position of the item that was read last.
  int64_t index_ = -1;
  std::string columns_;
};

// A running batch: feeds the stream with the remaining items and writes the
// results. Next and OnResult may run on two threads, one each.
class BatchRun {
 public:
  // All must outlive the run.
  struct Parts {
    RemainingItems& items;
    BatchOutput& output;
    BatchProgress* progress;  // may be null
  };

  // `tally` has the items of earlier runs; `now` is the start.
  BatchRun(Parts parts, BatchTally tally, absl::Time now)
      : parts_(parts), tally_(tally), synced_(now) {}

  // Called on the sending thread: fills in the next item, or returns false at
  // the end. Broken lines and finished items are skipped.
  bool Next(pb::BatchItem& item);
  // Called on the receiving thread: writes a result, or returns false after an
  // error. An item that a service in shutdown has refused is not written, so
  // that a resumed run asks again.
  bool OnResult(const pb::BatchResult& result);

  // Call this once the stream has ended. Returns the first error of the output,
  // or an error if the stream ended with OK although items are unanswered.
  absl::Status Finish(const absl::Status& stream);

  // Call it once the stream has ended.
  const BatchTally& tally() const { return tally_; }

 private:
  // An item that was sent: its position in the input, and its own columns.
  struct OpenItem {
    int64_t index = 0;
    std::string columns;
  };

  // Returns the item with this number in the stream, or nothing for a result
  // that was not asked for.
  std::optional<OpenItem> Take(int64_t sent);

  const Parts parts_;
  std::mutex mutex_;
  // The items without a result, by their position in the stream, which skips
  // finished items.
  absl::flat_hash_map<int64_t, OpenItem> open_;
  // Items given to the stream.
  int64_t sent_ = 0;

  BatchTally tally_;
  // The last sync, and the first error of the output; both for the receiving
  // thread.
  absl::Time synced_;
  absl::Status written_;
};

}  // namespace holysheep::cli
