#include "cli/batch/input_dress.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace holysheep::cli {

absl::StatusOr<BatchFormat> BatchFormatOf(absl::string_view name,
                                          absl::string_view path) {
  if (name == "jsonl") return BatchFormat::kJsonLines;
  if (name == "csv") return BatchFormat::kCsv;
  if (name == "lines") return BatchFormat::kLines;
  if (!name.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("no format `", name, "`: jsonl, csv or lines"));
  }
  for (const char* extension : {".jsonl", ".ndjson", ".json"}) {
    if (absl::EndsWithIgnoreCase(path, extension)) {
      return BatchFormat::kJsonLines;
    }
  }
  const bool is_csv = absl::EndsWithIgnoreCase(path, ".csv") ||
                      absl::EndsWithIgnoreCase(path, ".tsv");
  return is_csv ? BatchFormat::kCsv : BatchFormat::kLines;
}

absl::string_view BatchFormatName(BatchFormat format) {
  switch (format) {
    case BatchFormat::kJsonLines:
      return "jsonl";
    case BatchFormat::kCsv:
      return "csv";
    case BatchFormat::kLines:
      return "lines";
  }
  return "";
}

}  // namespace holysheep::cli
