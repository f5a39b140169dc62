#include <memory>

#include "CLI/CLI.hpp"
#include "cli/args/command_flags.h"
#include "cli/commands/token.h"

namespace holysheep::cli {

// The bounds are those of the configuration's parser, so that an entry that was
// printed is always accepted.
void AddTokenCommand(CLI::App& app, ChosenOffline& chosen) {
  CLI::App* token =
      app.add_subcommand("token", "Make tokens for callers; needs no service");
  token->require_subcommand(1);
  CLI::App* command = token->add_subcommand(
      "new", "Print a new token, and its line for the configuration");
  const auto options = std::make_shared<TokenNewOptions>();
  command->add_option("NAME", options->name, "The caller, in logs and metrics")
      ->required();
  command
      ->add_option("--role", options->roles,
                   "What the caller may do; may be repeated [invoke]")
      ->check(CLI::IsMember({"invoke", "admin"}).description(""))
      ->allow_extra_args(false)
      ->type_name("invoke|admin");
  command
      ->add_option("--scope", options->scope,
                   "Share cached answers with callers of the same scope")
      ->type_name("NAME");
  command
      ->add_option("--requests-per-minute", options->requests_per_minute,
                   "Limit of the caller's own")
      ->check(CLI::Range(int64_t{1}, int64_t{1'000'000'000}).description(""))
      ->type_name("N");
  command
      ->add_option("--tokens-per-minute", options->tokens_per_minute,
                   "Limit of the caller's own, in tokens of the model")
      ->check(
          CLI::Range(int64_t{1}, int64_t{1'000'000'000'000}).description(""))
      ->type_name("N");
  command->callback([options, &chosen] {
    chosen = [options](const Console& console) {
      return RunTokenNew(console, *options);
    };
  });
}

}  // namespace holysheep::cli
