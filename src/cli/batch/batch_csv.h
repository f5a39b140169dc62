#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/batch/input_dress.h"
#include "holysheep/node/v1/node.pb.h"

namespace holysheep::cli {

namespace pb = node::v1;

// The columns of a CSV input, made from its header row: those that are fields
// of a request, by their own names or by `--column`, and the user's own, which
// are passed through to the output. An empty cell leaves a field unset. A
// value.
class CsvColumns {
 public:
  // Names are compared with blanks around them ignored, and those of fields in
  // any case. Empty names at the end are dropped. kInvalidArgument without a
  // query, for two columns of one field, and for a column of `dress` that the
  // header does not have.
  static absl::StatusOr<CsvColumns> Parse(std::vector<std::string> header,
                                          const InputDress& dress);

  // Returns the item of a row, or an error that names the column. A row may
  // have empty cells beyond the header, and lack cells that are not fields. All
  // cells must be UTF-8. The id is empty if there is none. Numbers may have a
  // decimal comma where that is not the delimiter.
  absl::StatusOr<pb::BatchItem> Read(const std::vector<std::string>& row) const;

  // The names of all columns, as they are written.
  const std::vector<std::string>& names() const { return names_; }
  // The names of the user's own columns.
  std::vector<std::string> OwnNames() const;
  // The user's own cells of a row as a JSON object; empty if there are none.
  // REQUIRES: `cells` are UTF-8.
  std::string OwnCells(const std::vector<std::string>& cells) const;
  // Whether a column is the item's id.
  bool has_id() const;

 private:
  // Makes fields of the columns that have the name of one.
  static absl::StatusOr<CsvColumns> FillIn(CsvColumns columns,
                                           const InputDress& dress);

  // The name of each column, and its field; empty for a column of the user's
  // own.
  std::vector<std::string> names_;
  std::vector<std::string> fields_;
  char delimiter_ = ',';
};

}  // namespace holysheep::cli
