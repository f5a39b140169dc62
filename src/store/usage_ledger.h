#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chat/call_sink.h"
#include "chat/charge_sink.h"
#include "store/usage_file.h"
#include "store/usage_row.h"

namespace holysheep {

struct UsageLedgerOptions {
  // Null keeps the rows in memory only.
  std::unique_ptr<UsageFile> file;
  // Rows of days before the last so many are dropped; 0 keeps them all.
  int64_t retain_days = 0;
  // Told that the file could not be written, once until it can be again. What
  // was not written stays in memory, and is written as soon as it can be.
  std::function<void(const absl::Status&)> on_trouble = [](const auto&) {};
};

// What was answered, used and paid, by the day (UTC) on which a call arrived,
// model and caller. Fed twice: by the answers that callers got, and by the
// charges of upstream attempts, some of which no answer reports. With a file,
// what is told is in it before the teller goes on, so that no answer is given
// that a restart would forget. Thread-safe.
class UsageLedger final : public ChargeSink, public CallSink {
 public:
  // Callers may name any model: beyond so many rows, what is new is added to
  // the row of its day and caller with the model `other`.
  static constexpr size_t kMaxRows = 100'000;

  UsageLedger() = default;
  // Goes on from the rows of `kept`.
  UsageLedger(UsageLedgerOptions options, std::vector<UsageRow> kept,
              absl::Time now);
  ~UsageLedger() override;

  void Add(absl::Time arrived, const Charge& charge) override;
  // Only calls that got an answer count.
  void Record(const CallRecord& call) override;

  // All rows, by day, model and caller.
  std::vector<UsageRow> Rows() const;

 private:
  // Day, model and caller.
  using Key = std::tuple<int64_t, std::string, std::string>;
  using KeyView = std::tuple<int64_t, std::string_view, std::string_view>;
  // Finds by a view, too.
  struct Earlier {
    using is_transparent = void;
    bool operator()(const KeyView& one, const KeyView& other) const {
      return one < other;
    }
  };
  using Map = std::map<Key, UsageRow, Earlier>;

  UsageRow& RowFor(absl::Time when, absl::string_view model,
                   absl::string_view caller)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void DropBefore(int64_t day) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Save(const UsageRow& row) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Writes what is unsaved, up to the first row that the file does not take.
  absl::Status Flush() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const UsageLedgerOptions options_{};
  mutable std::mutex mutex_;
  Map rows_ ABSL_GUARDED_BY(mutex_);
  int64_t last_day_ ABSL_GUARDED_BY(mutex_) = 0;
  // Rows of `rows_` that the file does not have as they are.
  std::set<const UsageRow*> unsaved_ ABSL_GUARDED_BY(mutex_);
};

// Goes on from what `options.file` holds; the error says why it cannot be read.
absl::StatusOr<std::unique_ptr<UsageLedger>> OpenUsageLedger(
    UsageLedgerOptions options, absl::Time now);

}  // namespace holysheep
