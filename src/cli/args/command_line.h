#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "cli/client/session.h"
#include "cli/client/settings.h"

namespace holysheep::cli {

// A command of the command line, ready to run.
struct Command {
  RawSettings flags;  // what the flags say about the settings
  std::function<ExitCode(const Session&)> run;
};

// A command that needs neither the settings nor the service.
struct OfflineCommand {
  std::function<ExitCode(const Console&)> run;
};

// What is only to be said: help, version, a completion script, or what is
// wrong with the command line.
struct Notice {
  ExitCode code = kExitOk;
  std::string out;
  std::string err;
};

// Reads the arguments, without the program's name.
std::variant<Command, OfflineCommand, Notice> ParseCommandLine(
    std::vector<std::string> args);

// The whole program: reads the arguments and the settings, runs the command.
// Never kExitOk if `console.out` could not be written, whatever the command
// was; then `console.err` says so.
ExitCode RunProgram(const std::vector<std::string>& args,
                    const Console& console, const Environment& environment,
                    Interrupt& interrupt);

}  // namespace holysheep::cli
