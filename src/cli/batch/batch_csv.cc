#include "cli/batch/batch_csv.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/utf8.h"
#include "cli/batch/csv_cells.h"
#include "cli/batch/text_encoding.h"
#include "json/json_writer.h"

namespace holysheep::cli {
namespace {

std::string Trimmed(absl::string_view name) {
  return std::string(absl::StripAsciiWhitespace(name));
}

absl::Status NoQuery(const std::vector<std::string>& names, char delimiter) {
  std::string problem = absl::StrCat(
      "there is no column query or prompt; name it with --column query=NAME; "
      "the header has: ",
      BoundedUtf8(absl::StrJoin(names, ", "), 300));
  if (names.size() == 1) {
    absl::StrAppend(&problem, " (no ", DelimiterName(delimiter),
                    " is in it; give --delimiter if fields are parted by "
                    "something else)");
  }
  return absl::InvalidArgumentError(problem);
}

}  // namespace

absl::StatusOr<CsvColumns> CsvColumns::Parse(std::vector<std::string> header,
                                             const InputDress& dress) {
  CsvColumns columns;
  columns.delimiter_ = dress.delimiter;
  while (!header.empty() && IsBlank(header.back())) header.pop_back();
  for (const std::string& cell : header) {
    if (!IsUtf8(cell)) return absl::InvalidArgumentError(NotUtf8(cell));
    columns.names_.push_back(Trimmed(cell));
  }
  columns.fields_.resize(header.size());
  const auto& names = columns.names_;
  for (const auto& [field, name] : dress.columns) {
    const auto place = std::find(names.begin(), names.end(), Trimmed(name));
    if (place == names.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "there is no column `", name, "` for --column ", field,
          "=; the header has: ", BoundedUtf8(absl::StrJoin(names, ", "), 300)));
    }
    if (std::count(names.begin(), names.end(), *place) > 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("column ", name, " occurs twice"));
    }
    columns.fields_[static_cast<size_t>(place - names.begin())] = field;
  }
  return FillIn(std::move(columns), dress);
}

absl::StatusOr<CsvColumns> CsvColumns::FillIn(CsvColumns columns,
                                              const InputDress& dress) {
  for (size_t i = 0; i < columns.names_.size(); ++i) {
    const absl::string_view field = RequestField(columns.names_[i]);
    const bool is_named =
        std::any_of(dress.columns.begin(), dress.columns.end(),
                    [&](const auto& column) { return column.first == field; });
    if (field.empty() || is_named || !columns.fields_[i].empty()) continue;
    if (absl::c_linear_search(columns.fields_, field)) {
      return absl::InvalidArgumentError(
          absl::StrCat("column ", field, " occurs twice"));
    }
    columns.fields_[i] = std::string(field);
  }
  if (!absl::c_linear_search(columns.fields_, "query")) {
    return NoQuery(columns.names_, dress.delimiter);
  }
  return columns;
}

absl::StatusOr<pb::BatchItem> CsvColumns::Read(
    const std::vector<std::string>& row) const {
  for (size_t i = row.size(); i < fields_.size(); ++i) {
    if (fields_[i].empty()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(row.size(), " fields under a header of ", names_.size()));
  }
  pb::BatchItem item;
  for (size_t i = 0; i < row.size(); ++i) {
    if (row[i].empty()) continue;
    if (!IsUtf8(row[i])) return absl::InvalidArgumentError(NotUtf8(row[i]));
    if (i >= fields_.size() && !IsBlank(row[i])) {
      return absl::InvalidArgumentError(absl::StrCat(
          row.size(), " fields under a header of ", names_.size()));
    }
    if (i >= fields_.size() || fields_[i].empty()) continue;
    const absl::Status status =
        SetRequestField(fields_[i], row[i], delimiter_ != ',', item);
    if (!status.ok()) return status;
  }
  return item;
}

std::vector<std::string> CsvColumns::OwnNames() const {
  std::vector<std::string> own;
  for (size_t i = 0; i < names_.size(); ++i) {
    if (fields_[i].empty()) own.push_back(names_[i]);
  }
  return own;
}

std::string CsvColumns::OwnCells(const std::vector<std::string>& cells) const {
  JsonBuffer buffer;
  JsonWriter writer(buffer);
  writer.StartObject();
  std::set<std::string> used;
  for (size_t i = 0; i < std::min(names_.size(), cells.size()); ++i) {
    if (!fields_[i].empty() || (names_[i].empty() && cells[i].empty())) {
      continue;
    }
    // Members of an object have different names; columns need not.
    std::string name = names_[i];
    for (int n = 2; !used.insert(name).second; ++n) {
      name = absl::StrCat(names_[i], "_", n);
    }
    WriteMember(writer, name, cells[i]);
  }
  writer.EndObject();
  return used.empty() ? "" : std::string(buffer.GetString(), buffer.GetSize());
}

bool CsvColumns::has_id() const { return absl::c_linear_search(fields_, "id"); }

}  // namespace holysheep::cli
