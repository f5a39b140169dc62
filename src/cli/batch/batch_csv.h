#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "holysheep/node/v1/node.pb.h"

namespace holysheep::cli {

namespace pb = node::v1;

// Which column of a CSV input is what: `query` or `prompt`, and if one likes
// id, system_prompt, model, temperature, max_tokens, top_p, seed and user. An
// empty cell is unset.
class CsvColumns {
 public:
  // A column beyond these is an error: a misspelt one would be paid for.
  static absl::StatusOr<CsvColumns> Parse(
      const std::vector<std::string>& header);

  absl::StatusOr<pb::BatchItem> Read(const std::vector<std::string>& row) const;

 private:
  std::vector<std::string> names_;
};

}  // namespace holysheep::cli
