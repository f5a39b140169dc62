#pragma once

#include <functional>

#include "cli/client/session.h"

namespace CLI {
class App;
}  // namespace CLI

namespace holysheep::cli {

// What the command line has chosen; set while CLI11 parses.
using Chosen = std::function<ExitCode(const Session&)>;
using ChosenOffline = std::function<ExitCode(const Console&)>;

// Declare the commands and their flags. `chosen` must outlive `app`.
void AddAskingCommands(CLI::App& app, Chosen& chosen);
void AddJobCommands(CLI::App& app, Chosen& chosen);
void AddAdminCommands(CLI::App& app, Chosen& chosen);
void AddTokenCommand(CLI::App& app, ChosenOffline& chosen);

}  // namespace holysheep::cli
