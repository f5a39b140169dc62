#pragma once

#include <cstdint>
#include <string>

#include "absl/numeric/int128.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace holysheep {

// An exact amount of US dollars, in whole pico-dollars (1e-12): a price per
// million tokens with up to six decimals is then a whole number of them per
// token. Differences may be negative. 128 bits hold every sum of amounts that
// can occur. A value.
class Money {
 public:
  constexpr Money() = default;
  static constexpr Money FromPicos(absl::int128 picos) { return Money(picos); }

  // Reads a plain decimal such as `0.42`: digits, at most 12 of them before and
  // 12 after an optional point; no sign, exponent or blank. The error is
  // INVALID_ARGUMENT and names no field.
  static absl::StatusOr<Money> Parse(absl::string_view text);
  // Reads what ToString writes of sums: as Parse, but with an optional `-` and
  // 16 digits before the point. For amounts that come back from a file or a
  // stored answer.
  static absl::StatusOr<Money> ParseSigned(absl::string_view text);

  constexpr absl::int128 picos() const { return picos_; }

  // A plain decimal without superfluous zeros: `0`, `-12.5`, `0.0000126`.
  std::string ToString() const;
  // Rounded; for people and gauges only. In dollars.
  double ToDouble() const;

  friend constexpr Money operator+(Money a, Money b) {
    return Money(a.picos_ + b.picos_);
  }
  friend constexpr Money operator-(Money a, Money b) {
    return Money(a.picos_ - b.picos_);
  }
  Money& operator+=(Money other) { return *this = *this + other; }
  friend constexpr bool operator==(Money a, Money b) {
    return a.picos_ == b.picos_;
  }
  friend constexpr bool operator<(Money a, Money b) {
    return a.picos_ < b.picos_;
  }

 private:
  explicit constexpr Money(absl::int128 picos) : picos_(picos) {}

  absl::int128 picos_ = 0;
};

// The price of `tokens` at `per_million` dollars a million. Exact if
// `per_million` has at most six decimals, as the configuration demands;
// otherwise fractions of a pico-dollar are dropped.
Money PriceOf(int64_t tokens, Money per_million);

}  // namespace holysheep
