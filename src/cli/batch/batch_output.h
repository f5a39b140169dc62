#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/batch/batch_input.h"
#include "holysheep/node/v1/node.pb.h"

namespace holysheep::cli {

// Returns the first line of an output, with its line end. It identifies the
// input that the output belongs to. A changed input, or the same one read in
// another way, gives another header.
std::string BatchHeader(const InputDress& dress,
                        const std::string& input_sha256);

// The items that earlier runs have written. Both sets are sealed.
struct FinishedItems {
  IdSet answered;     // the ids with a response
  IdSet failed;       // the ids with an error, answered later or not
  int64_t bytes = 0;  // whole lines; what follows is torn
};

// Reads an output without changing it; a missing file counts as empty. Returns
// an error for the output of another input, and for a file that is not an
// output. Reads the file twice; takes time linear in its size.
absl::StatusOr<FinishedItems> ReadBatchOutput(const std::string& path,
                                              const std::string& header);

// An output that is open for writing. It only ever appends whole lines. One
// thread. Unlocks and closes the file when destroyed, without a Sync.
class BatchOutput {
 public:
  virtual ~BatchOutput() = default;

  // What the file held when it was opened.
  virtual const FinishedItems& finished() const = 0;
  // Passes the line to the operating system, so that it survives the end of
  // this process. After an error the file ends with the line before.
  // UNAVAILABLE with the system's words. `columns` as in BatchResultLine.
  virtual absl::Status Append(const pb::BatchResult& result,
                              absl::string_view columns) = 0;
  // Waits until all lines are on the disk, so that they survive the end of the
  // machine.
  virtual absl::Status Sync() = 0;
};

// How an output is opened.
struct OutputOptions {
  std::string path;
  // See BatchHeader.
  std::string header;
  bool resume = false;  // continues an existing output; else it is refused
};

// Opens the output, removes an incomplete last line, and locks the file against
// other runs until it is closed. The file becomes readable by its owner only,
// also if it existed. Returns UNAVAILABLE if it cannot be written; any other
// error means that it is the wrong file.
absl::StatusOr<std::unique_ptr<BatchOutput>> OpenBatchOutput(
    const OutputOptions& options);

}  // namespace holysheep::cli
