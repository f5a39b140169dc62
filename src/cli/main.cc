#include <cstdlib>
#include <string>
#include <vector>

#include "base/standard_streams.h"
#include "cli/args/command_line.h"

int main(int argc, char** argv) {
  holysheep::HoldStandardStreams();
  holysheep::cli::Interrupt interrupt;
  const auto watch = holysheep::cli::WatchSignals(interrupt);
  const auto environment = [](const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return std::string(value == nullptr ? "" : value);
  };
  return holysheep::cli::RunProgram(
      std::vector<std::string>(argv + 1, argv + argc),
      holysheep::cli::ProcessConsole(), environment, interrupt);
}
