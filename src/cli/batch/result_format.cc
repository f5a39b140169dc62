#include "cli/batch/result_format.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/batch/csv_cells.h"

namespace holysheep::cli {
namespace {

constexpr absl::string_view kResultColumns[] = {
    "result",        "error",         "model_used",
    "finish_reason", "prompt_tokens", "completion_tokens",
    "cost",          "cached"};

// The cells under kResultColumns.
std::vector<std::string> ResultCells(const pb::BatchResult& result) {
  if (!result.has_response()) {
    std::vector<std::string> cells(std::size(kResultColumns));
    cells[1] =
        absl::StrCat(result.error().reason(), ": ", result.error().message());
    return cells;
  }
  const pb::InvokeResponse& response = result.response();
  return {response.result(),
          response.refusal(),
          response.model_used(),
          pb::InvokeResponse::FinishReason_Name(response.finish_reason()),
          absl::StrCat(response.usage().prompt_tokens()),
          absl::StrCat(response.usage().completion_tokens()),
          response.cost().total(),
          response.cached() ? "true" : "false"};
}

}  // namespace

absl::StatusOr<ResultFormat> ResultFormatOf(absl::string_view name,
                                            absl::string_view path,
                                            bool is_openai_input) {
  if (name == "jsonl") return ResultFormat::kJsonLines;
  if (name == "csv") return ResultFormat::kCsv;
  if (name == "openai") return ResultFormat::kOpenAi;
  if (!name.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("no output format `", name, "`: jsonl, csv or openai"));
  }
  if (absl::EndsWithIgnoreCase(path, ".csv") ||
      absl::EndsWithIgnoreCase(path, ".tsv")) {
    return ResultFormat::kCsv;
  }
  return is_openai_input ? ResultFormat::kOpenAi : ResultFormat::kJsonLines;
}

CsvResults::CsvResults(const CsvColumns& columns, char delimiter)
    : names_(columns.names()),
      has_cells_(!names_.empty()),
      delimiter_(delimiter) {
  if (!has_cells_) names_ = {"id", "query"};
  for (const absl::string_view column : kResultColumns) {
    std::string name(column);
    for (int n = 2; absl::c_linear_search(names_, name); ++n) {
      name = absl::StrCat(column, "_", n);
    }
    names_.push_back(std::move(name));
  }
}

std::string CsvResults::Header() const {
  std::string row;
  AppendCsvRow(names_, delimiter_, row);
  return row;
}

std::string CsvResults::Row(const pb::BatchItem& item,
                            const std::vector<std::string>& cells,
                            const pb::BatchResult& result) const {
  std::vector<std::string> all = cells;
  if (!has_cells_) all = {item.id(), item.request().query()};
  for (std::string& cell : ResultCells(result)) all.push_back(std::move(cell));
  std::string row;
  AppendCsvRow(all, delimiter_, row);
  return row;
}

}  // namespace holysheep::cli
