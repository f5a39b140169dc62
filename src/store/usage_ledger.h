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
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "chat/call_sink.h"
#include "chat/charge_sink.h"
#include "store/usage_file.h"
#include "store/usage_row.h"

namespace holysheep {

// Storage and bounds of a ledger.
struct UsageLedgerOptions {
  // If null, the rows are in memory only.
  std::unique_ptr<UsageFile> file;
  // Rows of days before the last `retain_days` are dropped; 0 keeps all. In
  // days before the present one, in UTC.
  int64_t retain_days = 0;
  // Called when the file could not be written, once until it can be written
  // again. Rows that were not written stay in memory and are written as soon as
  // possible.
  std::function<void(const absl::Status&)> on_trouble = [](const auto&) {};
};

// The ledger of what was answered, used and paid, by the day (UTC) on which a
// call arrived, by model, caller and app. It has two sources: the answers that
// callers received, and the charges of upstream attempts, some of which no
// answer reports. With a file, a record is in the file before Add or Record
// returns, so that no answer is given that a restart would forget. Thread-safe.
class UsageLedger final : public ChargeSink, public CallSink {
 public:
  // Callers may name any model and app. Beyond this number of rows, a new one
  // is added to the row of its day and caller with the model `other`.
  static constexpr size_t kMaxRows = 100'000;
  // Beyond this one, to the row with the app `other`: the rest is kept for what
  // limits and budgets know by its name.
  static constexpr size_t kMaxAppRows = 80'000;

  // Keeps all days, in memory only.
  UsageLedger() = default;
  // Continues with the rows `kept`. Drops those that are too old at `now`.
  UsageLedger(UsageLedgerOptions options, std::vector<UsageRow> kept,
              absl::Time now);
  ~UsageLedger() override;

  // The apps that keep rows of their own however many there are: those that
  // the configuration names. Called at the start and with each reload.
  void SetKnownApps(absl::flat_hash_set<std::string> apps);
  // Counts what an upstream attempt has cost. Called by the billing layer on
  // the loop; writes to the file under the lock.
  void Add(absl::Time arrived, const Charge& charge) override;
  // Counts a call, if it was answered. Called by the metering layer on the
  // loop, and on gRPC's thread for answers from the cache.
  void Record(const CallRecord& call) override;

  // Returns all rows, sorted by day, model, caller and app. A copy, made under
  // the lock: at most kMaxRows rows and a few.
  std::vector<UsageRow> Rows() const;

 private:
  // Day (since 1970), model, caller and app.
  using Key = std::tuple<int64_t, std::string, std::string, std::string>;
  using KeyView =
      std::tuple<int64_t, std::string_view, std::string_view, std::string_view>;
  // Allows look-ups by a KeyView, without a copy of the names.
  struct Earlier {
    using is_transparent = void;
    bool operator()(const KeyView& one, const KeyView& other) const {
      return one < other;
    }
  };
  using Map = std::map<Key, UsageRow, Earlier>;

  // Returns the row, which it creates if necessary; drops old days when a new
  // one begins.
  UsageRow& RowFor(absl::Time when, absl::string_view model,
                   absl::string_view caller, absl::string_view app)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Removes older days here and from the file. Does nothing if all days are
  // kept.
  void DropBefore(int64_t day) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Writes the row, which must be in rows_, and what could not be written
  // before.
  void Save(const UsageRow& row) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Writes the unsaved rows, up to the first that the file does not accept.
  absl::Status Flush() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const UsageLedgerOptions options_{};
  mutable std::mutex mutex_;
  Map rows_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_set<std::string> known_apps_ ABSL_GUARDED_BY(mutex_);
  // The latest day of which anything is known, in days since 1970.
  int64_t last_day_ ABSL_GUARDED_BY(mutex_) = 0;
  // The rows of `rows_` whose present state is not in the file. Empty without a
  // file.
  std::set<const UsageRow*> unsaved_ ABSL_GUARDED_BY(mutex_);
};

// Continues with the rows of `options.file`; the error says why they cannot be
// read.
absl::StatusOr<std::unique_ptr<UsageLedger>> OpenUsageLedger(
    UsageLedgerOptions options, absl::Time now);

}  // namespace holysheep
