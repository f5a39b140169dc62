#include "cli/batch/batch_csv.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/utf8.h"

namespace holysheep::cli {
namespace {

// After the short names `prompt` and `system` have been replaced.
constexpr absl::string_view kNames[] = {"id",    "query",       "system_prompt",
                                        "model", "temperature", "max_tokens",
                                        "top_p", "seed",        "user"};

absl::Status NoNumber(absl::string_view name, absl::string_view cell) {
  return absl::InvalidArgumentError(
      absl::StrCat(name, " is not a number: `", cell, "`"));
}

void SetText(absl::string_view name, const std::string& cell,
             pb::BatchItem& item) {
  pb::InvokeRequest& request = *item.mutable_request();
  if (name == "id") item.set_id(cell);
  if (name == "query") request.set_query(cell);
  if (name == "system_prompt") request.set_system_prompt(cell);
  if (name == "model") request.set_model(cell);
  if (name == "user") request.set_user(cell);
}

// Only the form is checked; ranges are the service's affair.
absl::Status Set(absl::string_view name, const std::string& cell,
                 pb::BatchItem& item) {
  pb::InvokeRequest& request = *item.mutable_request();
  if (name == "temperature" || name == "top_p") {
    double number = 0;
    if (!absl::SimpleAtod(cell, &number)) return NoNumber(name, cell);
    name == "top_p" ? request.set_top_p(number)
                    : request.set_temperature(number);
  } else if (name == "max_tokens") {
    int32_t number = 0;
    if (!absl::SimpleAtoi(cell, &number)) return NoNumber(name, cell);
    request.set_max_tokens(number);
  } else if (name == "seed") {
    int64_t number = 0;
    if (!absl::SimpleAtoi(cell, &number)) return NoNumber(name, cell);
    request.set_seed(number);
  } else {
    SetText(name, cell, item);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CsvColumns> CsvColumns::Parse(
    const std::vector<std::string>& header) {
  CsvColumns columns;
  for (const std::string& cell : header) {
    std::string name = absl::AsciiStrToLower(absl::StripAsciiWhitespace(cell));
    if (name == "prompt") name = "query";
    if (name == "system") name = "system_prompt";
    if (std::find(std::begin(kNames), std::end(kNames), name) ==
        std::end(kNames)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "unknown column `", name,
          "`: query (or prompt), id, system_prompt, model, temperature, "
          "max_tokens, top_p, seed or user"));
    }
    if (std::find(columns.names_.begin(), columns.names_.end(), name) !=
        columns.names_.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("column ", name, " occurs twice"));
    }
    columns.names_.push_back(std::move(name));
  }
  if (std::find(columns.names_.begin(), columns.names_.end(), "query") ==
      columns.names_.end()) {
    return absl::InvalidArgumentError("there is no column query or prompt");
  }
  return columns;
}

absl::StatusOr<pb::BatchItem> CsvColumns::Read(
    const std::vector<std::string>& row) const {
  if (row.size() != names_.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(row.size(), " fields under a header of ", names_.size()));
  }
  pb::BatchItem item;
  for (size_t i = 0; i < row.size(); ++i) {
    if (row[i].empty()) continue;
    if (!IsUtf8(row[i])) return absl::InvalidArgumentError("not UTF-8");
    const absl::Status status = Set(names_[i], row[i], item);
    if (!status.ok()) return status;
  }
  return item;
}

}  // namespace holysheep::cli
