#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "base/worker.h"
#include "store/usage_file.h"

namespace holysheep {

// Storage and bounds of a ledger.
struct UsageLedgerOptions {
  // If null, the rows are in memory only.
  std::unique_ptr<UsageFile> file;
  // With a file: see UsageWriter, as for `on_trouble`.
  std::unique_ptr<Worker> writer;
  std::unique_ptr<Worker> syncer;
  // Rows of days before the last `retain_days` are dropped; 0 keeps all. In
  // days before the present one, in UTC. A clock may be years wrong, so the
  // present day is believed only if the third newest day with rows, of those up
  // to it, is at most 31 days before it; otherwise that third one counts as the
  // present, and with fewer than three days all rows stay.
  int64_t retain_days = 0;
  std::function<void(const absl::Status&)> on_trouble = [](const auto&) {};
};

}  // namespace holysheep
