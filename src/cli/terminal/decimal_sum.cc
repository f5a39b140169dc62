#include "cli/terminal/decimal_sum.h"

#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

namespace holysheep::cli {
namespace {

constexpr int64_t kOne = 1'000'000'000'000;
constexpr size_t kPlaces = 12;

}  // namespace

void DecimalSum::Add(absl::string_view decimal) {
  const bool negative = absl::ConsumePrefix(&decimal, "-");
  const size_t point = decimal.find('.');
  const absl::string_view whole = decimal.substr(0, point);
  std::string places(point == decimal.npos ? "" : decimal.substr(point + 1));
  if (whole.size() > kPlaces || places.size() > kPlaces) return;
  places.resize(kPlaces, '0');
  uint64_t units = 0;
  uint64_t picos = 0;
  if (!absl::SimpleAtoi(whole, &units) || !absl::SimpleAtoi(places, &picos)) {
    return;
  }
  const absl::int128 amount = absl::int128(units) * kOne + picos;
  picos_ += negative ? -amount : amount;
}

std::string DecimalSum::ToString() const {
  const absl::int128 size = picos_ < 0 ? -picos_ : picos_;
  return absl::StrFormat("%s%d.%012d", picos_ < 0 ? "-" : "",
                         static_cast<int64_t>(size / kOne),
                         static_cast<int64_t>(size % kOne));
}

}  // namespace holysheep::cli
