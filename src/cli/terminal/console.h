#pragma once

#include <functional>
#include <iosfwd>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "cli/terminal/line_editor.h"

namespace holysheep::cli {

// The streams that a command reads and writes. Answers and tables go to `out`,
// everything said about them to `err`. Main thread only.
struct Console {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
  // Whether each is a terminal; styles show on terminals only.
  bool in_is_terminal = false;
  bool out_is_terminal = false;
  bool err_is_terminal = false;
  // Off if NO_COLOR is set, whatever the streams are.
  bool colour = false;
  // The width of the terminal; 80 if it is unknown.
  int columns = 80;
  // Makes an editor for lines of `in`; empty where there is no such.
  std::function<std::unique_ptr<LineEditor>()> edit_lines = {};
};

// Returns the process's own streams, with colours unless NO_COLOR is not empty
// or the terminal is dumb. Reads the environment and the terminal's size once.
Console ProcessConsole();

// How a text stands out. kRed is an error, kYellow a warning, kGreen success,
// kDim what may be skipped.
enum class Style { kPlain, kBold, kDim, kRed, kGreen, kYellow };

// Returns `text` in a style, for `out` or `err`; unchanged where styles do not
// show.
std::string OnOut(const Console& console, Style tint, absl::string_view text);
std::string OnErr(const Console& console, Style tint, absl::string_view text);

}  // namespace holysheep::cli
