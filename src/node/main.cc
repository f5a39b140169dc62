// The service's executable: reads the configuration, runs the node, and turns
// signals into reload and drain.

#include <curl/curl.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <string>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "config/load.h"
#include "node/node.h"

namespace holysheep {
namespace {

constexpr int kExitFailed = 1;
constexpr int kExitBadConfig = 2;

void Say(absl::string_view level, absl::string_view text) {
  const std::string line = absl::StrCat(level, ": ", text, "\n");
  std::fputs(line.c_str(), stderr);
}

void Warn(const Config& config) {
  for (const std::string& warning : config.warnings) Say("warning", warning);
}

// A core file would hold the API key.
void TurnCoreDumpsOff() {
  constexpr rlimit kNone = {0, 0};
  setrlimit(RLIMIT_CORE, &kNone);
}

// Every thread inherits the mask, so signals are only taken by sigwait.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

void Reload(Node& node, const LoadOptions& load) {
  const absl::StatusOr<Config> config = LoadConfig(load);
  const absl::Status status =
      config.ok() ? node.Reload(*config) : config.status();
  if (!status.ok()) {
    Say("error", absl::StrCat("reload refused, the old configuration stays:\n",
                              status.message()));
    return;
  }
  Warn(*config);
  Say("info", "configuration reloaded");
}

int Serve(const Config& config, const LoadOptions& load) {
  const sigset_t signals = BlockSignals();
  curl_global_init(CURL_GLOBAL_ALL);
  const auto node = StartNode(config);
  if (!node.ok()) {
    Say("error", node.status().message());
    return kExitFailed;
  }
  std::printf("listening on %s:%d\n", config.listen.host.c_str(),
              (*node)->port());
  std::fflush(stdout);
  int signal = 0;
  while (sigwait(&signals, &signal) == 0 && signal == SIGHUP) {
    Reload(**node, load);
  }
  Say("info", "draining");
  (*node)->DrainAndStop();
  return 0;
}

int Main(int argc, char** argv) {
  TurnCoreDumpsOff();
  CLI::App app(
      "The HolySheep LLM node: a gRPC service in front of an "
      "OpenAI-compatible upstream.",
      "holysheep-node");
  LoadOptions load;
  bool check = false;
  app.add_option("--config", load.path,
                 "Configuration file (YAML); default $HOLYSHEEP_CONFIG");
  app.add_flag("--check", check,
               "Check the configuration and exit: 0 if it is good, 2 if not");
  app.set_version_flag("--version", "holysheep-node " HOLYSHEEP_VERSION);
  app.footer("docs/configuration.md describes the configuration.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& end) {
    return app.exit(end) == 0 ? 0 : kExitBadConfig;
  }
  const absl::StatusOr<Config> config = LoadConfig(load);
  if (!config.ok()) {
    Say("error", config.status().message());
    return kExitBadConfig;
  }
  Warn(*config);
  if (check) {
    std::puts("the configuration is good");
    return 0;
  }
  return Serve(*config, load);
}

}  // namespace
}  // namespace holysheep

int main(int argc, char** argv) { return holysheep::Main(argc, argv); }
