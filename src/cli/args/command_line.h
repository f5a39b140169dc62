#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "cli/client/session.h"
#include "cli/client/settings.h"

namespace holysheep::cli {

// A command of the command line, parsed and ready to run. RunProgram makes a
// Session for it.
struct Command {
  RawSettings flags;  // the settings that flags have set
  // Call it once; it owns its options.
  std::function<ExitCode(const Session&)> run;
};

// A command that needs neither settings nor the service. `token new` is the
// only one.
struct OfflineCommand {
  std::function<ExitCode(const Console&)> run;
};

// A command line that only produces text: help, the version, a completion
// script, or an error in the command line.
struct Notice {
  // kExitUsage for an error.
  ExitCode code = kExitOk;
  // Each with a line end, or empty.
  std::string out;
  std::string err;
};

// Parses the arguments, which exclude the program's name. Has no side effects.
// Never throws; whatever is wrong becomes a Notice that names it. Completion
// scripts are made from the same declarations, so they know every flag.
std::variant<Command, OfflineCommand, Notice> ParseCommandLine(
    std::vector<std::string> args);

// Runs the whole program: parses the arguments, loads the settings and runs the
// command. Returns an error code, and says so on `console.err`, if
// `console.out` could not be written, whatever the command returned. main
// passes the process's own console and environment; tests pass others. Blocks
// until the command has ended.
ExitCode RunProgram(const std::vector<std::string>& args,
                    const Console& console, const Environment& environment,
                    Interrupt& interrupt);

}  // namespace holysheep::cli
