#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <streambuf>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "holysheep/node/v1/node.pb.h"

namespace holysheep::cli {

namespace pb = node::v1;

// The formats of an input. kLines has one question on each line.
enum class BatchFormat { kJsonLines, kCsv, kLines };

// The longest line or CSV row in bytes, which is also the bound of a whole
// request.
inline constexpr size_t kMaxRecordBytes = 16 << 20;

// Returns the format with the name jsonl, csv or lines. An empty `name` leaves
// the choice to the extension of `path`: .jsonl, .ndjson or .json, .csv, and
// lines for all others. kInvalidArgument for any other name. Extensions in any
// case.
absl::StatusOr<BatchFormat> BatchFormatOf(absl::string_view name,
                                          absl::string_view path);
// The name that BatchFormatOf reads.
absl::string_view BatchFormatName(BatchFormat format);

// An item of an input, or the reason why it is not one.
struct BatchRecord {
  // The line where it begins, from 1.
  int64_t line = 0;
  // Its id is that of the input or, without one, the line. The error does not
  // name the line.
  absl::StatusOr<pb::BatchItem> item;
};

// Reads the items of an input one by one, in bounded memory. One thread. Blank
// lines and rows are not items.
class BatchReader {
 public:
  virtual ~BatchReader() = default;

  // Returns nothing at the end of the input. A broken record does not end it.
  virtual std::optional<BatchRecord> Next() = 0;
};

// `defaults` apply where an item leaves a field unset. Returns an error for a
// CSV input with an unusable header row. `in` must outlive the reader. An
// item's own messages replace the default system prompt, and its tags the
// default tags. An id has at most 1,024 bytes.
absl::StatusOr<std::unique_ptr<BatchReader>> NewBatchReader(
    BatchFormat format, const pb::InvokeRequest& defaults, std::streambuf& in);

}  // namespace holysheep::cli
