#include "policy/money.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/errors.h"

namespace holysheep {
namespace {

constexpr int64_t kPicosPerDollar = 1'000'000'000'000;
constexpr size_t kMaxDigits = 12;
// Dollars of a sum. The largest count of tokens at the largest price that can
// be configured has 13 digits.
constexpr size_t kMaxSumDigits = 16;
constexpr int64_t kMillion = 1'000'000;

// Returns false unless `digits` are 1 to `most` decimal digits. Every answer
// sums up amounts, so this is called often and avoids strings.
bool ParseDigits(absl::string_view digits, size_t most, int64_t& value) {
  if (digits.empty() || digits.size() > most) return false;
  value = 0;
  for (const char c : digits) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(c))) return false;
    value = value * 10 + (c - '0');
  }
  return true;
}

// Appends zeros to a fraction of `size` digits until it has kMaxDigits.
int64_t Padded(int64_t value, size_t size) {
  for (; size < kMaxDigits; ++size) value *= 10;
  return value;
}

// Reads a plain decimal with at most `most` digits before the point. Returns
// false if `text` is anything else.
bool ParsePicos(absl::string_view text, size_t most, absl::int128& sum) {
  const size_t point = std::min(text.find('.'), text.size());
  const absl::string_view decimals = text.substr(point);
  int64_t dollars = 0;
  int64_t picos = 0;
  if (!ParseDigits(text.substr(0, point), most, dollars)) return false;
  if (!decimals.empty()) {
    if (!ParseDigits(decimals.substr(1), kMaxDigits, picos)) return false;
    picos = Padded(picos, decimals.size() - 1);
  }
  sum = absl::int128(dollars) * kPicosPerDollar + picos;
  return true;
}

absl::Status NoMoney() {
  return MakeError(Reason::kInvalidArgument,
                   "an amount of money must be a plain decimal such as 0.42, "
                   "with at most 12 digits before and after the point");
}

}  // namespace

absl::StatusOr<Money> Money::Parse(absl::string_view text) {
  absl::int128 picos = 0;
  if (!ParsePicos(text, kMaxDigits, picos)) return NoMoney();
  return Money(picos);
}

absl::StatusOr<Money> Money::ParseSigned(absl::string_view text) {
  const bool negative = absl::ConsumePrefix(&text, "-");
  absl::int128 picos = 0;
  if (!ParsePicos(text, kMaxSumDigits, picos)) return NoMoney();
  return Money(negative ? -picos : picos);
}

std::string Money::ToString() const {
  const bool negative = picos_ < 0;
  const auto bits = static_cast<absl::uint128>(picos_);
  const absl::uint128 size = negative ? -bits : bits;
  // No sum that exists has more dollars than 64 bits hold.
  const auto dollars = static_cast<uint64_t>(size / kPicosPerDollar);
  auto picos = static_cast<uint64_t>(size - absl::uint128(dollars) *
                                                absl::uint128(kPicosPerDollar));
  std::string text = absl::StrCat(negative ? "-" : "", dollars);
  if (picos == 0) return text;
  size_t decimals = kMaxDigits;
  for (; picos % 10 == 0; picos /= 10) --decimals;
  text += '.';
  text.append(decimals, '0');
  for (auto digit = text.rbegin(); picos > 0; picos /= 10) {
    *digit++ = static_cast<char>('0' + picos % 10);
  }
  return text;
}

double Money::ToDouble() const {
  return static_cast<double>(picos_) / static_cast<double>(kPicosPerDollar);
}

Money PriceOf(int64_t tokens, Money per_million) {
  // Divided before the multiplication, so that no product exceeds 128 bits.
  const absl::int128 each = per_million.picos() / kMillion;
  const absl::int128 rest = per_million.picos() % kMillion;
  return Money::FromPicos(each * tokens + rest * tokens / kMillion);
}

}  // namespace holysheep
