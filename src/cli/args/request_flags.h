#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "cli/args/command_flags.h"
#include "cli/client/request_options.h"

namespace holysheep::cli {

// Makes `command` choose `run` with options that live as long as the command:
// CLI11 keeps references to the variables that flags set. Returns the options,
// so that flags can be declared on them. `chosen` must outlive `command`; `run`
// is called after the parsing, by the caller of `chosen`.
template <typename Options>
std::shared_ptr<Options> OnCall(CLI::App* command, Chosen& chosen,
                                ExitCode (*run)(const Session&,
                                                const Options&)) {
  auto options = std::make_shared<Options>();
  command->callback([options, run, &chosen] {
    chosen = [options, run](const Session& session) {
      return run(session, *options);
    };
  });
  return options;
}

// Adds the flags that all commands with a question share: --model, --system and
// so on. `options` must outlive `command`. Values are checked by the service,
// not here, except for those of a closed list.
void AddRequestFlags(CLI::App* command, RequestOptions& options);

}  // namespace holysheep::cli
