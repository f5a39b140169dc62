#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "cli/session.h"
#include "cli/settings.h"

namespace holysheep {

// A command of the command line, ready to run.
struct Command {
  RawSettings flags;  // what the flags say about the settings
  std::function<ExitCode(const Session&)> run;
};

// All that there is to do without the service: help, version, a completion
// script, or a wrong command line.
struct Notice {
  ExitCode code = kExitOk;
  std::string out;
  std::string err;
};

// Reads the arguments, without the program's name.
std::variant<Command, Notice> ParseCommandLine(std::vector<std::string> args);

// The whole program: reads the arguments and the settings, runs the command.
ExitCode RunProgram(const std::vector<std::string>& args,
                    const Console& console, const Environment& environment,
                    Interrupt& interrupt);

}  // namespace holysheep
