#include "cli/terminal/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>

#include "absl/strings/str_cat.h"

namespace holysheep::cli {
namespace {

absl::string_view EnvironmentOf(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The size of the terminal behind standard output; a pipe has none.
int Columns() {
  winsize size{};
  const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  return known && size.ws_col > 0 ? size.ws_col : 80;
}

absl::string_view Escape(Style tint) {
  switch (tint) {
    case Style::kPlain:
      return "";
    case Style::kBold:
      return "\x1b[1m";
    case Style::kDim:
      return "\x1b[2m";
    case Style::kRed:
      return "\x1b[31m";
    case Style::kGreen:
      return "\x1b[32m";
    case Style::kYellow:
      return "\x1b[33m";
  }
  return "";
}

std::string Tinted(bool shown, Style tint, absl::string_view text) {
  if (!shown || tint == Style::kPlain) return std::string(text);
  return absl::StrCat(Escape(tint), text, "\x1b[0m");
}

}  // namespace

Console ProcessConsole() {
  Console console{std::cin, std::cout, std::cerr};
  console.in_is_terminal = isatty(STDIN_FILENO) == 1;
  console.out_is_terminal = isatty(STDOUT_FILENO) == 1;
  console.err_is_terminal = isatty(STDERR_FILENO) == 1;
  console.colour =
      EnvironmentOf("NO_COLOR").empty() && EnvironmentOf("TERM") != "dumb";
  console.columns = Columns();
  return console;
}

std::string OnOut(const Console& console, Style tint, absl::string_view text) {
  return Tinted(console.colour && console.out_is_terminal, tint, text);
}

std::string OnErr(const Console& console, Style tint, absl::string_view text) {
  return Tinted(console.colour && console.err_is_terminal, tint, text);
}

}  // namespace holysheep::cli
