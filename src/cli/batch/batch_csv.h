#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "holysheep/node/v1/node.pb.h"

namespace holysheep::cli {

namespace pb = node::v1;

// The columns of a CSV input: `query` or `prompt`, and optionally id,
// system_prompt, model, temperature, max_tokens, top_p, seed and user. An empty
// cell leaves the field unset. A value, made from the header row.
class CsvColumns {
 public:
  // Any other column is an error, because calls with a misspelt one would be
  // paid for in vain. Names in any case, with blanks around them ignored;
  // `system` stands for system_prompt. kInvalidArgument also for a duplicate,
  // and without a query.
  static absl::StatusOr<CsvColumns> Parse(
      const std::vector<std::string>& header);

  // Returns the item of a row, or an error that names the column. The row must
  // have as many cells as the header; all must be UTF-8. The id is empty if
  // there is none.
  absl::StatusOr<pb::BatchItem> Read(const std::vector<std::string>& row) const;

 private:
  // The field of each column.
  std::vector<std::string> names_;
};

}  // namespace holysheep::cli
