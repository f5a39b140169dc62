#pragma once

#include <string>

#include "absl/numeric/int128.h"
#include "absl/strings/string_view.h"

namespace holysheep::cli {

// An exact sum of decimals such as `-0.00012345`, with up to 12 places.
class DecimalSum {
 public:
  // A text that is not such a decimal counts as zero.
  void Add(absl::string_view decimal);

  // A plain decimal without superfluous zeros.
  std::string ToString() const;

 private:
  absl::int128 picos_ = 0;  // 1e-12
};

}  // namespace holysheep::cli
