#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "chat/call_sink.h"
#include "chat/charge_sink.h"
#include "store/usage_ledger_options.h"
#include "store/usage_row.h"
#include "store/usage_writer.h"

namespace holysheep {

// The ledger of what was answered, used and paid, by the day (UTC) on which a
// call arrived, by model, caller and app. It has two sources: the answers that
// callers received, and the charges of upstream attempts, some of which no
// answer reports. With a file, a record is written on another thread, and an
// answer goes out after WhenKept, so that none is given that a restart would
// forget. Thread-safe; nothing here waits for the disk but the destructor.
class UsageLedger final : public ChargeSink, public CallSink {
 public:
  // Callers may name any model and app. Beyond this number of rows with names
  // that are not configured, a new one is added to the row of its day and
  // caller with the model `other`. Configured callers and models have rows of
  // their own always.
  static constexpr size_t kMaxRows = 100'000;
  // Beyond this one, to the row with the app `other`: the rest is kept for what
  // limits and budgets know by its name.
  static constexpr size_t kMaxAppRows = 80'000;

  // Keeps all days, in memory only.
  UsageLedger() = default;
  // Continues with the rows `kept`. Drops those that are too old at `now`.
  UsageLedger(UsageLedgerOptions options, std::vector<UsageRow> kept,
              absl::Time now);

  // Adds names that are configured; an empty caller is. None is ever removed.
  void AddNames(const std::vector<std::string>& models,
                const std::vector<std::string>& callers);

  // The apps that keep rows of their own however many there are: those that
  // the configuration names. Called at the start and with each reload.
  void SetKnownApps(absl::flat_hash_set<std::string> apps);
  // Counts what an upstream attempt has cost. Called by the billing layer on
  // the loop.
  void Add(absl::Time arrived, const Charge& charge) override;
  // Counts a call, if it was answered. Called by the metering layer on the
  // loop, and on gRPC's thread for answers from the cache.
  void Record(const CallRecord& call) override;
  // See UsageWriter. Without a file everything is kept.
  bool IsKept() const override;
  void WhenKept(Task then) override;
  bool HasRoom() const override;

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
  // Removes the days that are too old on `today`, if that can be believed.
  void DropOld(int64_t today) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // The first row of the day or of a later one.
  Map::const_iterator From(int64_t day) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool IsKnownApp(absl::string_view app) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool IsMadeUp(absl::string_view model, absl::string_view caller,
                absl::string_view app) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CountMadeUp() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const int64_t retain_days_ = 0;
  mutable std::mutex mutex_;
  Map rows_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_set<std::string> known_apps_ ABSL_GUARDED_BY(mutex_);
  // The latest day of which anything is known, in days since 1970.
  int64_t last_day_ ABSL_GUARDED_BY(mutex_) = 0;
  absl::flat_hash_set<std::string> models_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_set<std::string> callers_ ABSL_GUARDED_BY(mutex_) = {""};
  // How many rows have names that are not configured.
  size_t made_up_ ABSL_GUARDED_BY(mutex_) = 0;
  // Null without a file. Called with the lock held, and the first to go.
  std::unique_ptr<UsageWriter> writer_;
};

// Continues with the rows of `options.file`; the error says why they cannot be
// read.
absl::StatusOr<std::unique_ptr<UsageLedger>> OpenUsageLedger(
    UsageLedgerOptions options, absl::Time now);

}  // namespace holysheep
