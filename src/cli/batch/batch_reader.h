#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <streambuf>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/batch/batch_csv.h"
#include "cli/batch/input_dress.h"
#include "holysheep/node/v1/node.pb.h"

namespace holysheep::cli {

namespace pb = node::v1;

// The longest line or CSV row in bytes, which is also the bound of a whole
// request.
inline constexpr size_t kMaxRecordBytes = 16 << 20;

// An item of an input, or the reason why it is not one.
struct BatchRecord {
  // The line where it begins, from 1.
  int64_t line = 0;
  // Its id is that of the input or, without one, the line. The error does not
  // name the line.
  absl::StatusOr<pb::BatchItem> item;
  // The cells of a CSV row, as many as the header has; empty in other formats
  // and where the row is broken.
  std::vector<std::string> cells = {};
  // Something odd that was read all the same, without the line; usually empty.
  std::string note = {};
};

// Reads the items of an input one by one, in bounded memory. One thread. Blank
// lines and rows without any text are not items.
class BatchReader {
 public:
  virtual ~BatchReader() = default;

  // Returns nothing at the end of the input. A broken record does not end it.
  virtual std::optional<BatchRecord> Next() = 0;
  // The columns of a CSV input; without any in other formats.
  virtual const CsvColumns& columns() const = 0;
};

// Reads text in UTF-8, whatever the encoding of `dress`. `defaults` apply where
// an item leaves a field unset. Returns an error for a CSV input with an
// unusable header row. `in` must outlive the reader. An
// item's own messages replace the default system prompt, and its tags the
// default tags. An id has at most 1,024 bytes.
absl::StatusOr<std::unique_ptr<BatchReader>> NewBatchReader(
    const InputDress& dress, const pb::InvokeRequest& defaults,
    std::streambuf& in);

}  // namespace holysheep::cli
