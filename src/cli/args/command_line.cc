#include "cli/args/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <sstream>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "cli/args/command_flags.h"
#include "cli/args/completion.h"
#include "cli/args/whole_words.h"

namespace holysheep::cli {
namespace {

constexpr char kFooter[] = R"(
Settings come from flags, then from the environment, then from
~/.config/holysheep/config.yaml (XDG_CONFIG_HOME is respected):
  HOLYSHEEP_ADDRESS, HOLYSHEEP_TOKEN, HOLYSHEEP_TOKEN_FILE, HOLYSHEEP_TIMEOUT,
  HOLYSHEEP_TLS, HOLYSHEEP_TLS_CA, HOLYSHEEP_TLS_CERT, HOLYSHEEP_TLS_KEY,
  HOLYSHEEP_TLS_SERVER_NAME
  HOLYSHEEP_UPSTREAM_KEY or HOLYSHEEP_UPSTREAM_KEY_FILE: your own upstream key
  NO_COLOR: no colours

Exit codes: 0 ok, 1 the call failed, 2 wrong usage, 3 cannot reach the service,
4 limited, 5 deadline exceeded, 130 interrupted)";

struct SettingFlag {
  const char* flag;
  const char* setting;
  const char* type;
  const char* meaning;
};

// An upstream key has no flag of its own, since the process list would show it.
constexpr SettingFlag kSettingFlags[] = {
    {"-a,--address", "address", "ADDRESS",
     "HOST:PORT of the service, or of several: IP:PORT,IP:PORT or "
     "dns:///NAME:PORT [127.0.0.1:50051]"},
    {"--token-file", "token_file", "FILE", "File with your token"},
    {"--token", "token", "TOKEN",
     "Your token; the process list shows it, so prefer the file"},
    {"--upstream-key-file", "upstream_key_file", "FILE",
     "File with your own upstream key"},
    {"--ca", "ca", "FILE", "CA to trust instead of the system's; implies TLS"},
    {"--cert", "cert", "FILE", "Your client certificate; implies TLS"},
    {"--key", "key", "FILE", "Its private key"},
    {"--server-name", "server_name", "NAME",
     "Name expected in the service's certificate; implies TLS"},
    {"--timeout", "timeout", "DURATION",
     "End a call after so long, such as 500ms or 30s"},
};

void AddSettings(CLI::App& app, RawSettings& settings) {
  for (const SettingFlag& flag : kSettingFlags) {
    const std::string setting = flag.setting;
    app.add_option_function<std::string>(
           flag.flag,
           [&settings, setting](const std::string& value) {
             settings[setting] = value;
           },
           flag.meaning)
        ->type_name(flag.type)
        ->group("Connection");
  }
  const auto set_tls = [&app, &settings](const char* flag, const char* value,
                                         const char* meaning) {
    app.add_flag_callback(
           flag, [&settings, value] { settings["tls"] = value; }, meaning)
        ->group("Connection");
  };
  set_tls("--tls", "true", "Encrypt the connection");
  set_tls("--no-tls", "false", "Do not, whatever else says so");
}

// Returns the values of `a|b|c`, as help shows them; none if there are too
// many. The type's name is the one place where a closed list is written down.
std::vector<std::string> ValuesOf(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  if (!absl::StrContains(type, '|')) return {};
  return absl::StrSplit(type, '|');
}

// Returns the words that may directly follow the name of a command.
std::vector<std::string> FirstValuesOf(const CLI::App& command) {
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_positional()) return ValuesOf(*option);
  }
  return {};
}

std::vector<CompletionWord> FlagsOf(const CLI::App& app) {
  std::vector<CompletionWord> flags;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) {
      flags.push_back(
          {"--" + name, option->get_description(), ValuesOf(*option)});
    }
  }
  // Groups of options are nameless subcommands.
  for (const CLI::App* group : app.get_subcommands({})) {
    if (!group->get_name().empty()) continue;
    for (CompletionWord& flag : FlagsOf(*group)) {
      flags.push_back(std::move(flag));
    }
  }
  return flags;
}

// Returns the command with its subcommands, such as `new` of `token`, and their
// flags.
CompletionCommand CommandOf(const CLI::App& app) {
  CompletionCommand command;
  command.name = {app.get_name(), app.get_description(), FirstValuesOf(app)};
  command.flags = FlagsOf(app);
  for (const CLI::App* part : app.get_subcommands({})) {
    if (part->get_name().empty()) continue;
    command.name.values.push_back(part->get_name());
    for (CompletionWord& flag : FlagsOf(*part)) {
      if (flag.word != "--help") command.flags.push_back(std::move(flag));
    }
  }
  return command;
}

CompletionTree TreeOf(const CLI::App& app) {
  CompletionTree tree;
  tree.flags = FlagsOf(app);
  for (const CLI::App* command : app.get_subcommands({})) {
    tree.commands.push_back(CommandOf(*command));
  }
  return tree;
}

// Used for one command line: CLI11 keeps references to the members that options
// set.
class Parser {
 public:
  Parser() {
    app_.name("holysheepctl");
    app_.set_version_flag("--version", "holysheepctl " HOLYSHEEP_VERSION);
    app_.footer(kFooter);
    app_.require_subcommand(1);
    // Flags of the program are also accepted after the command: `holysheepctl
    // models --address X`.
    app_.fallthrough();
    app_.get_formatter()->column_width(30);
    AddSettings(app_, command_.flags);
    AddAskingCommands(app_, command_.run);
    AddJobCommands(app_, command_.run);
    AddAdminCommands(app_, command_.run);
    AddTokenCommand(app_, offline_.run);
    AddCompletion();
    UnmarkOptions(app_);
  }

  std::variant<Command, OfflineCommand, Notice> Parse(
      std::vector<std::string> args) {
    args = MarkWords(std::move(args));
    std::reverse(args.begin(), args.end());
    try {
      app_.parse(args);
    } catch (const CLI::ParseError& error) {
      std::ostringstream out;
      std::ostringstream err;
      const std::vector<std::string> unknown = app_.remaining();
      if (app_.get_subcommands().empty() && !unknown.empty()) {
        return Notice{kExitUsage, "",
                      "there is no `" + Unmarked(unknown.front()) +
                          "`; see holysheepctl --help\n"};
      }
      const int code = app_.exit(error, out, err);
      return Notice{code == 0 ? kExitOk : kExitUsage, out.str(),
                    Unmarked(err.str())};
    }
    if (!shell_.empty()) {
      return Notice{kExitOk, CompletionScript(shell_, TreeOf(app_)).value(),
                    ""};
    }
    if (offline_.run) return offline_;
    return command_;
  }

 private:
  void AddCompletion() {
    CLI::App* command = app_.add_subcommand(
        "completion", "Print a completion script for your shell");
    command->add_option("SHELL", shell_, "Yours")
        ->required()
        ->type_name("bash|zsh|fish")
        ->check(CLI::IsMember({"bash", "zsh", "fish"}).description(""));
  }

  CLI::App app_{"The command line of the HolySheep LLM node."};
  Command command_;
  OfflineCommand offline_;
  std::string shell_;
};

}  // namespace

std::variant<Command, OfflineCommand, Notice> ParseCommandLine(
    std::vector<std::string> args) {
  return Parser().Parse(std::move(args));
}

}  // namespace holysheep::cli
