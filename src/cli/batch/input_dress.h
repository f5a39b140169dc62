#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace holysheep::cli {

// The formats of an input. kLines has one question on each line.
enum class BatchFormat { kJsonLines, kCsv, kLines };

// Returns the format with the name jsonl, csv or lines. An empty `name` leaves
// the choice to the extension of `path`: .jsonl, .ndjson or .json, .csv or
// .tsv, and lines for all others. kInvalidArgument for any other name.
// Extensions in any case.
absl::StatusOr<BatchFormat> BatchFormatOf(absl::string_view name,
                                          absl::string_view path);
// The name that BatchFormatOf reads.
absl::string_view BatchFormatName(BatchFormat format);

// How an input is read: everything that its bytes do not say themselves.
struct InputDress {
  BatchFormat format = BatchFormat::kLines;
  // A name that iconv knows; empty for UTF-8.
  std::string encoding = {};
  // The rest is for kCsv. Between fields; one ASCII character.
  char delimiter = ',';
  // Whether the first line is Excel's `sep=`, which is passed over.
  bool has_separator_line = false;
  // Fields of a request and the names of their columns.
  std::vector<std::pair<std::string, std::string>> columns = {};
};

// An input and how it is read.
struct BatchSource {
  // A regular file.
  std::string path;
  // For messages: the path, or `standard input`.
  std::string name;
  InputDress dress = {};
};

}  // namespace holysheep::cli
