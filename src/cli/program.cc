#include <ostream>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "cli/args/command_line.h"
#include "cli/client/node_client.h"
#include "cli/client/session.h"
#include "cli/client/target.h"
#include "cli/terminal/text.h"

namespace holysheep::cli {
namespace {

// `problem` may have several lines, if it comes from the parser.
void TellMisuse(const Console& console, const std::string& problem) {
  const std::vector<std::string> lines =
      absl::StrSplit(problem, '\n', absl::SkipEmpty());
  console.err << OnErr(console, Style::kRed, "error: ")
              << OneLine(absl::StrJoin(lines, "; ")) << std::endl;
}

// Settings are loaded only for commands that need the service, so that help and
// tokens work with a broken file.
bool SendsSecretsInClear(const Settings& settings) {
  const bool has_secret =
      !settings.token.empty() || !settings.upstream_key.empty();
  return has_secret && !settings.tls && !StaysOnThisMachine(settings.address);
}

ExitCode Run(const std::vector<std::string>& args, const Console& console,
             const Environment& environment, Interrupt& interrupt) {
  const auto parsed = ParseCommandLine(args);
  if (const auto* notice = std::get_if<Notice>(&parsed)) {
    console.out << notice->out << std::flush;
    if (notice->code != kExitOk) TellMisuse(console, notice->err);
    return notice->code;
  }
  if (const auto* offline = std::get_if<OfflineCommand>(&parsed)) {
    return offline->run(console);
  }
  const Command& command = std::get<Command>(parsed);
  const auto settings = LoadSettings(command.flags, environment, ReadSmallFile);
  if (!settings.ok()) {
    TellMisuse(console, std::string(settings.status().message()));
    return kExitUsage;
  }
  const auto node = NewNodeClient(*settings, interrupt);
  const Session session{console, *settings, interrupt, *node};
  if (SendsSecretsInClear(*settings)) {
    Warn(session,
         absl::StrCat("the token or key for ", settings->address,
                      " is sent without encryption; use --tls, or call a "
                      "service on this machine"));
  }
  return command.run(session);
}

}  // namespace

// Output is checked last: a full disk must not look like success.
ExitCode RunProgram(const std::vector<std::string>& args,
                    const Console& console, const Environment& environment,
                    Interrupt& interrupt) {
  const ExitCode code = Run(args, console, environment, interrupt);
  if (console.out.flush()) return code;
  console.err << OnErr(console, Style::kRed, "error: ")
              << "standard output could not be written" << std::endl;
  return code == kExitOk ? kExitFailed : code;
}

}  // namespace holysheep::cli
