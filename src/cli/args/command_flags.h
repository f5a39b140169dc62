#pragma once

#include <functional>

#include "cli/client/session.h"

namespace CLI {
class App;
}  // namespace CLI

namespace holysheep::cli {

// The command that the command line has chosen, and its options; set while
// CLI11 parses. Empty until a command has been recognised.
using Chosen = std::function<ExitCode(const Session&)>;
// The same for a command that needs no service.
using ChosenOffline = std::function<ExitCode(const Console&)>;

// Declare the commands and their flags on `app`. `chosen` must outlive `app`.
// The groups are in the order of the help. Jobs and tokens have sources of
// their own.
void AddAskingCommands(CLI::App& app, Chosen& chosen);
void AddJobCommands(CLI::App& app, Chosen& chosen);
void AddAdminCommands(CLI::App& app, Chosen& chosen);
void AddTokenCommand(CLI::App& app, ChosenOffline& chosen);

}  // namespace holysheep::cli
