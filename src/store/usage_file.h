#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "store/usage_row.h"

namespace holysheep {

// Storage for the rows of the ledger that outlives the process. Not
// thread-safe, but for Checkpoint. Used by one thread at a time, which may have
// to wait for the disk: by UsageWriter only. Replaced by a fake in tests.
class UsageFile {
 public:
  virtual ~UsageFile() = default;

  // Returns all rows, sorted by day, model, caller and app. Called once, at the
  // start. DATA_LOSS if an amount in the file is not a number.
  virtual absl::StatusOr<std::vector<UsageRow>> ReadAll() = 0;
  // Writes the row, replacing one of the same day, model, caller and app.
  // Once it has returned, the row survives the end of the process; a power
  // failure may lose the last rows, but leaves the file intact. UNAVAILABLE
  // with the system's words if that is impossible; it may succeed later.
  virtual absl::Status Write(const UsageRow& row) = 0;
  // The same for several rows, all of them or none.
  virtual absl::Status WriteAll(const std::vector<UsageRow>& rows) = 0;
  // Whether so much was written that it is time for Checkpoint.
  virtual bool WantsCheckpoint() const { return false; }
  // Has the disk take what was written. May take as long as the disk does;
  // another thread may write meanwhile. Call it again only after it returned.
  virtual absl::Status Checkpoint() { return absl::OkStatus(); }
  // Removes the rows of all days before `day`, as YYYY-MM-DD.
  virtual absl::Status RemoveBefore(absl::string_view day) = 0;
};

// Opens an SQLite database with one table, `usage`, whose amounts are exact
// decimals as text. Creates the file if it does not exist, readable by its
// owner only. Only one process can have it open. The error says what is wrong.
// A file of an older version is upgraded; one of a newer version is
// FAILED_PRECONDITION.
absl::StatusOr<std::unique_ptr<UsageFile>> OpenUsageFile(
    const std::string& path);

}  // namespace holysheep
