#pragma once

#include <iosfwd>
#include <string>

#include "absl/strings/string_view.h"

namespace holysheep::cli {

// What a command reads and writes. Answers and tables go to `out`, everything
// said about them to `err`. Main thread only.
struct Console {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  // Off for NO_COLOR, whatever the streams are.
  bool colour = false;
  int columns = 80;
};

// The process's own streams; colours unless NO_COLOR is set to something or
// the terminal is dumb.
Console ProcessConsole();

enum class Style { kPlain, kBold, kDim, kRed, kGreen, kYellow };

// `text` in a tint, for `out` or `err`; plain where it would not show.
std::string OnOut(const Console& console, Style tint, absl::string_view text);
std::string OnErr(const Console& console, Style tint, absl::string_view text);

}  // namespace holysheep::cli
