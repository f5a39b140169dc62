#pragma once

#include <cstdint>
#include <string>

#include "absl/numeric/int128.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace holysheep {

// An amount of US dollars, exact: a whole number of pico-dollars (1e-12), so
// that a price per million tokens with up to six decimals is a whole number of
// them per token. Never negative overflows: 128 bits.
class Money {
 public:
  constexpr Money() = default;
  static constexpr Money FromPicos(absl::int128 picos) { return Money(picos); }

  // Reads a plain decimal such as `0.42`: digits, at most 12 of them before
  // and 12 after an optional point; no sign, exponent or blank.
  static absl::StatusOr<Money> Parse(absl::string_view text);

  constexpr absl::int128 picos() const { return picos_; }

  // A plain decimal without superfluous zeros: `0`, `12.5`, `0.0000126`.
  std::string ToString() const;
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

// `tokens` at `per_million` dollars for a million of them. Exact when
// `per_million` has at most six decimals, which the configuration demands.
Money PriceOf(int64_t tokens, Money per_million);

}  // namespace holysheep
