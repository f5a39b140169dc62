#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

// Text as people read it. Pure functions.
namespace holysheep::cli {

// `text` without the control characters that a terminal would obey: `?` stands
// for each of them, line ends and tabs stay. UTF-8 is kept whole.
std::string ForTerminal(absl::string_view text);

// The same on one line: line ends and tabs become blanks.
std::string OneLine(absl::string_view text);

// An exact decimal such as `0.00012345`, rounded half up to `places` decimals
// and filled with zeros. What is no decimal comes back unchanged.
std::string RoundDecimal(absl::string_view decimal, int places);

// `amount` rounded to 4 decimals, with its currency: `0.0013 USD`.
std::string Money(absl::string_view amount, absl::string_view currency);

// 1234567 as `1,234,567`.
std::string Grouped(int64_t number);

// A duration in milliseconds, as short as is readable: `0.042 ms`, `42.3 ms`,
// `1.25 s`.
std::string Millis(double milliseconds);

// How much less `paid` is than `official`, in percent: `85.0 %`. Empty if
// there is no official price.
std::string SavingPercent(absl::string_view paid, absl::string_view official);

// Columns that `text` takes on a terminal: its UTF-8 characters.
size_t Width(absl::string_view text);

// Whether `text` is UTF-8 throughout, as proto strings have to be.
bool IsUtf8(absl::string_view text);

}  // namespace holysheep::cli
