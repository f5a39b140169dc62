#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/batch/batch_csv.h"
#include "holysheep/node/v1/node.pb.h"

// The forms of an output. Pure functions.
namespace holysheep::cli {

namespace pb = node::v1;

// kJsonLines has our own results, kOpenAi those of OpenAI's batch files.
enum class ResultFormat { kJsonLines, kCsv, kOpenAi };

// Returns the format with the name jsonl, csv or openai. An empty `name` leaves
// the choice to the extension of `path`, .csv or .tsv, and to the input:
// OpenAI's lines are answered in OpenAI's form, all others in ours.
// kInvalidArgument for any other name.
absl::StatusOr<ResultFormat> ResultFormatOf(absl::string_view name,
                                            absl::string_view path,
                                            bool is_openai_input);

// Returns `result` as a line of OpenAI's batch output, with a line end: its
// `response` holds a chat.completion, or `error` a code and a message.
// `created` is in seconds since 1970.
std::string OpenAiResultLine(const pb::BatchResult& result, int64_t created);

// The rows of a CSV output: the columns of the input, or `id` and `query` where
// it has none, and those of the result. One delimiter throughout; CRLF.
class CsvResults {
 public:
  // `columns` are those of the input.
  CsvResults(const CsvColumns& columns, char delimiter);

  // The header row.
  std::string Header() const;
  // The row of an item, which has `cells` if the input is CSV.
  std::string Row(const pb::BatchItem& item,
                  const std::vector<std::string>& cells,
                  const pb::BatchResult& result) const;

 private:
  std::vector<std::string> names_;
  const bool has_cells_;
  const char delimiter_;
};

}  // namespace holysheep::cli
