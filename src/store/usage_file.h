#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "store/usage_row.h"

namespace holysheep {

// Where the rows of the ledger outlive the process. Not thread-safe; blocks for
// as long as the disk takes.
class UsageFile {
 public:
  virtual ~UsageFile() = default;

  // By day, model and caller.
  virtual absl::StatusOr<std::vector<UsageRow>> ReadAll() = 0;
  // Writes the row anew. Once it has returned, the row outlives the process,
  // however that ends; of what a power cut takes, the file stays whole.
  virtual absl::Status Write(const UsageRow& row) = 0;
  // Removes the days before `day`.
  virtual absl::Status RemoveBefore(absl::string_view day) = 0;
};

// An SQLite database with one table, `usage`, whose amounts are exact decimals
// as text. Made if it is not there, for its owner's eyes only. Held by one
// process at a time. The error says what is in the way.
absl::StatusOr<std::unique_ptr<UsageFile>> OpenUsageFile(
    const std::string& path);

}  // namespace holysheep
