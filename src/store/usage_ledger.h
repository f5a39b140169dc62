#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <tuple>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "chat/billing.h"
#include "chat/metering.h"
#include "policy/money.h"

namespace holysheep {

// What was answered, used and paid, by the day (UTC) on which a call arrived,
// model and caller. Fed twice: by the answers that callers got, and by the
// charges of upstream attempts, some of which no answer reports. In memory.
// Thread-safe.
class UsageLedger final : public ChargeSink, public CallSink {
 public:
  // Callers may name any model: beyond so many rows, what is new is added to
  // the row of its day and caller with the model `other`.
  static constexpr size_t kMaxRows = 100'000;

  struct Row {
    std::string day;  // YYYY-MM-DD
    std::string model;
    std::string caller;

    // Sums of what the answers said, hits and joined calls included.
    int64_t calls = 0;
    int64_t prompt_tokens = 0;
    int64_t completion_tokens = 0;
    int64_t total_tokens = 0;
    int64_t cached_prompt_tokens = 0;
    int64_t reasoning_tokens = 0;
    bool estimated = false;
    Money total;
    Money prompt;
    Money completion;
    Money official;
    Money saved;

    // Attempts that cost something, and what they cost.
    int64_t attempts = 0;
    Money charged;
  };

  void Add(absl::Time arrived, const Charge& charge) override;
  // Only calls that got an answer count.
  void Record(const CallRecord& call) override;

  // All rows, by day, model and caller.
  std::vector<Row> Rows() const;

 private:
  using Key = std::tuple<int64_t, std::string, std::string>;

  Row& RowFor(absl::Time when, absl::string_view model,
              absl::string_view caller) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  mutable std::mutex mutex_;
  std::map<Key, Row, std::less<>> rows_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace holysheep
