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

enum class BatchFormat { kJsonLines, kCsv, kLines };

// The longest line or CSV row, in bytes; also that of a whole request.
inline constexpr size_t kMaxRecordBytes = 16 << 20;

// `name` is jsonl, csv or lines; the empty one is told by the extension of
// `path`: .jsonl, .ndjson or .json, .csv, and lines for all others.
absl::StatusOr<BatchFormat> BatchFormatOf(absl::string_view name,
                                          absl::string_view path);
absl::string_view BatchFormatName(BatchFormat format);

// An item of an input, or what is wrong with it.
struct BatchRecord {
  // Where it begins, from 1.
  int64_t line = 0;
  // Its id is that of the input, else the line. The error names no line.
  absl::StatusOr<pb::BatchItem> item;
};

// Reads the items of an input one by one, in bounded memory. One thread.
class BatchReader {
 public:
  virtual ~BatchReader() = default;

  // Nothing at the end of the input. A broken record does not end it.
  virtual std::optional<BatchRecord> Next() = 0;
};

// `defaults` are for what an item leaves unset. The error is for a CSV input
// whose header row is of no use. `in` must outlive the reader.
absl::StatusOr<std::unique_ptr<BatchReader>> NewBatchReader(
    BatchFormat format, const pb::InvokeRequest& defaults, std::streambuf& in);

}  // namespace holysheep::cli
