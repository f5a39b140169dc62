#pragma once

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// Texts for people. Pure functions.
namespace holysheep::cli {

// Returns `text` with `?` for each control character that a terminal would
// interpret, except line ends and tabs. UTF-8 stays intact. Text of a model or
// a service must not move the cursor or change colours.
std::string ForTerminal(absl::string_view text);

// The same in one line: line ends and tabs become blanks. Surrounding blanks
// are dropped.
std::string OneLine(absl::string_view text);

// Rounds an exact decimal such as `0.00012345`, half up, to `places` decimals,
// padded with zeros. Any other text is returned unchanged.
std::string RoundDecimal(absl::string_view decimal, int places);

// `amount` rounded to 4 decimals, with its currency: `0.0013 USD`.
std::string MoneyText(absl::string_view amount, absl::string_view currency);

// 1234567 as `1,234,567`.
std::string Grouped(int64_t number);

// Formats a duration in milliseconds as short as is readable: `0.042 ms`, `42.3
// ms`, `1.25 s`.
std::string Millis(double milliseconds);
std::string Millis(absl::Duration duration);

// Formats how much less `paid` is than `official`, in percent: `85.0 %`. Empty
// without an official price. Negative if more was paid.
std::string SavingPercent(absl::string_view paid, absl::string_view official);

}  // namespace holysheep::cli
