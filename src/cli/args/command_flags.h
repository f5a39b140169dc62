#pragma once

#include <functional>

#include "cli/client/session.h"

namespace CLI {
class App;
}  // namespace CLI

namespace holysheep::cli {

// The command that the command line has chosen, and its options; set while
// CLI11 parses.
using Chosen = std::function<ExitCode(const Session&)>;
using ChosenOffline = std::function<ExitCode(const Console&)>;

// Declare the commands and their flags on `app`. `chosen` must outlive `app`.
void AddAskingCommands(CLI::App& app, Chosen& chosen);
void AddJobCommands(CLI::App& app, Chosen& chosen);
void AddAdminCommands(CLI::App& app, Chosen& chosen);
void AddTokenCommand(CLI::App& app, ChosenOffline& chosen);

}  // namespace holysheep::cli
