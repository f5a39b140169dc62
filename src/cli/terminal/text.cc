#include "cli/terminal/text.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

namespace holysheep::cli {
namespace {

// U+0080 to U+009F, which terminals interpret as control sequences as well.
bool IsC1(absl::string_view text, size_t i) {
  return text[i] == '\xC2' && i + 1 < text.size() &&
         static_cast<unsigned char>(text[i + 1]) >= 0x80 &&
         static_cast<unsigned char>(text[i + 1]) < 0xA0;
}

bool IsDecimal(absl::string_view text) {
  const size_t dots = std::count(text.begin(), text.end(), '.');
  return !text.empty() && dots <= 1 && text.size() > dots &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return c == '.' || absl::ascii_isdigit(c); });
}

// Adds one to the last digit of `digits`, which may contain a point.
void RoundUp(std::string& digits) {
  for (size_t i = digits.size(); i-- > 0;) {
    if (digits[i] == '.') continue;
    if (digits[i] != '9') {
      ++digits[i];
      return;
    }
    digits[i] = '0';
  }
  digits.insert(digits.begin(), '1');
}

}  // namespace

std::string ForTerminal(absl::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (IsC1(text, i)) {
      shown.push_back('?');
      ++i;
    } else {
      const bool kept = !absl::ascii_iscntrl(c) || c == '\n' || c == '\t';
      shown.push_back(kept ? c : '?');
    }
  }
  return shown;
}

std::string OneLine(absl::string_view text) {
  std::string line = ForTerminal(absl::StripAsciiWhitespace(text));
  std::replace(line.begin(), line.end(), '\n', ' ');
  std::replace(line.begin(), line.end(), '\t', ' ');
  return line;
}

// On the text, because a double would round some amounts the wrong way. A
// negative amount that rounds to zero loses its sign.
std::string RoundDecimal(absl::string_view decimal, int places) {
  absl::string_view digits = decimal;
  const bool negative = absl::ConsumePrefix(&digits, "-");
  if (!IsDecimal(digits)) return std::string(decimal);
  const size_t dot = std::min(digits.find('.'), digits.size());
  const size_t count = static_cast<size_t>(places);
  std::string whole(digits.substr(0, dot));
  std::string fraction(dot < digits.size() ? digits.substr(dot + 1)
                                           : absl::string_view());
  const bool up = fraction.size() > count && fraction[count] >= '5';
  fraction.resize(count, '0');
  std::string rounded = absl::StrCat(whole.empty() ? "0" : whole,
                                     places > 0 ? "." : "", fraction);
  if (up) RoundUp(rounded);
  const bool zero = rounded.find_first_not_of("0.") == std::string::npos;
  return negative && !zero ? absl::StrCat("-", rounded) : rounded;
}

std::string MoneyText(absl::string_view amount, absl::string_view currency) {
  const std::string rounded = RoundDecimal(amount.empty() ? "0" : amount, 4);
  return currency.empty() ? rounded : absl::StrCat(rounded, " ", currency);
}

std::string Grouped(int64_t number) {
  std::string text = absl::StrCat(number);
  const int first = number < 0 ? 1 : 0;
  for (int i = static_cast<int>(text.size()) - 3; i > first; i -= 3) {
    text.insert(static_cast<size_t>(i), 1, ',');
  }
  return text;
}

// The bounds are where rounding would show a digit too many.
std::string Millis(double milliseconds) {
  if (milliseconds == 0) return "0 ms";
  if (milliseconds >= 999.95) {
    return absl::StrFormat("%.2f s", milliseconds / 1000);
  }
  if (milliseconds >= 9.995) return absl::StrFormat("%.1f ms", milliseconds);
  return milliseconds < 0.9995 ? absl::StrFormat("%.3f ms", milliseconds)
                               : absl::StrFormat("%.2f ms", milliseconds);
}

std::string SavingPercent(absl::string_view paid, absl::string_view official) {
  double less = 0;
  double full = 0;
  if (!absl::SimpleAtod(paid, &less) || !absl::SimpleAtod(official, &full) ||
      full <= 0) {
    return {};
  }
  return absl::StrFormat("%.1f %%", (1 - less / full) * 100);
}

std::string Millis(absl::Duration duration) {
  return Millis(absl::ToDoubleMilliseconds(duration));
}

}  // namespace holysheep::cli
