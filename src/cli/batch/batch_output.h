#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/batch/batch_input.h"
#include "holysheep/node/v1/node.pb.h"

namespace holysheep::cli {

// The first line of an output: which input it belongs to. With its line end.
std::string BatchHeader(BatchFormat format, const std::string& input_sha256);

// What earlier runs have written.
struct FinishedItems {
  IdSet answered;     // ids with a response
  IdSet failed;       // ids with an error, whether or not answered later
  int64_t bytes = 0;  // whole lines; what follows is torn
};

// Reads an output without changing it; one that is not there is empty. The
// error is for an output of another input, or a file that is none.
absl::StatusOr<FinishedItems> ReadBatchOutput(const std::string& path,
                                              const std::string& header);

// An output that is written to: whole lines only, at its end only. One thread.
class BatchOutput {
 public:
  virtual ~BatchOutput() = default;

  virtual const FinishedItems& finished() const = 0;
  // Gives the line to the system, so that it outlives this process, however
  // that ends. After an error the file ends with the line before.
  virtual absl::Status Append(const pb::BatchResult& result) = 0;
  // Waits until all lines are on the disk, so that they outlive the machine.
  virtual absl::Status Sync() = 0;
};

struct OutputOptions {
  std::string path;
  std::string header;
  bool resume = false;  // an output that is there is continued, else refused
};

// Cuts off a torn last line, and keeps other runs away until it is destroyed.
// The file is readable by its owner only, also one that was there. UNAVAILABLE
// if it cannot be written; any other error means that it is the wrong one.
absl::StatusOr<std::unique_ptr<BatchOutput>> OpenBatchOutput(
    const OutputOptions& options);

}  // namespace holysheep::cli
