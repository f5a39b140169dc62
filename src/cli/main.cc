#include <cstdlib>
#include <string>
#include <vector>

#include "base/standard_streams.h"
#include "cli/args/command_line.h"
#include "cli/terminal/line_editor.h"

namespace holysheep::cli {
namespace {

std::string Variable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? "" : value;
}

// Lines are edited where a person sees them, on a terminal that can do more
// than print.
Console EditingConsole() {
  Console console = ProcessConsole();
  const std::string terminal = Variable("TERM");
  if (console.in_is_terminal && console.out_is_terminal && !terminal.empty() &&
      terminal != "dumb") {
    console.edit_lines = [colour = console.colour] {
      return NewLineEditor({HistoryPath(Variable), colour});
    };
  }
  return console;
}

int Main(const std::vector<std::string>& args) {
  HoldStandardStreams();
  Interrupt interrupt;
  const auto watch = WatchSignals(interrupt);
  return RunProgram(args, EditingConsole(), Variable, interrupt);
}

}  // namespace
}  // namespace holysheep::cli

int main(int argc, char** argv) {
  return holysheep::cli::Main({argv + 1, argv + argc});
}
