// The service's executable: reads the configuration, runs the node, and turns
// signals into reload and drain.

#include <curl/curl.h>
#include <grpc/support/log.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "base/standard_streams.h"
#include "config/exposure.h"
#include "config/load.h"
#include "node/last_resort.h"
#include "node/node.h"
#include "node/options.h"
#include "telemetry/logger.h"

namespace holysheep {
namespace {

// The time from the drain deadline to the end of the process; the ends of calls
// and of threads take 2 s.
constexpr absl::Duration kUnwinding = absl::Milliseconds(4500);

constexpr int kExitFailed = 1;
constexpr int kExitBadConfig = 2;

// Messages for people who start the service, before there is a log.
void Complain(absl::string_view level, absl::string_view text) {
  const std::string line = absl::StrCat(level, ": ", text, "\n");
  std::fputs(line.c_str(), stderr);
}

void Warn(const config::Config& config, Logger& logger) {
  for (const std::string& warning : config.warnings) {
    logger.Say(LogLevel::kWarn, warning);
  }
}

// gRPC's own log would put lines that are not JSON between ours, one for every
// client that sends garbage.
void SilenceGrpc() {
  gpr_set_log_function([](gpr_log_func_args*) {});
}

// Debian's Abseil searches for deadlocks as its debug builds do: each lock of
// gRPC is entered into one graph for all threads (docs/adr/0014).
void TrustLockOrder() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
}

// Each connection needs a descriptor, and the usual initial limit is low.
void RaiseDescriptorLimit() {
  constexpr rlim_t kEnough = 10'000;
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= kEnough)
    return;
  limit.rlim_cur = std::min(kEnough, limit.rlim_max);
  setrlimit(RLIMIT_NOFILE, &limit);
}

// A core file would contain the API key, and so does the memory that another
// process of the same user could look into.
void HideMemory() {
  constexpr rlimit kNone = {0, 0};
  setrlimit(RLIMIT_CORE, &kNone);
  prctl(PR_SET_DUMPABLE, 0);
}

// Threads inherit the mask, so signals are received by sigwait only.
sigset_t BlockSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return signals;
}

// `started` is the configuration of the start, `current` the one in use.
void Reload(Node& node, Logger& logger, const config::Config& started,
            config::Config& current, const config::LoadOptions& load) {
  absl::StatusOr<config::Config> config = config::LoadConfig(load);
  absl::Status status = config.status();
  if (status.ok()) status = config::CheckReload(started, current.auth, *config);
  if (status.ok()) status = node.Reload(*config);
  if (!status.ok()) {
    logger.Say(LogLevel::kError,
               absl::StrCat("reload refused, the old configuration stays: ",
                            status.message()));
    return;
  }
  Warn(*config, logger);
  for (const std::string& name : NeedsRestart(started, *config)) {
    logger.Say(LogLevel::kWarn,
               absl::StrCat(name, ": the change needs a restart"));
  }
  logger.Say(LogLevel::kInfo, "configuration reloaded");
  current = *std::move(config);
}

void SayWhere(const config::Config& config, const Node& node) {
  std::printf("listening on %s\n",
              WithPort(config.listen, node.port()).c_str());
  if (node.http_port() != 0) {
    std::printf("http listening on %s\n",
                WithPort(config.http_listen, node.http_port()).c_str());
  }
  std::fflush(stdout);
}

int Serve(const config::Config& config, const config::LoadOptions& load) {
  const sigset_t signals = BlockSignals();
  curl_global_init(CURL_GLOBAL_ALL);
  SilenceGrpc();
  TrustLockOrder();
  const std::unique_ptr<Logger> logger = NewLogger(config.log.lines);
  const auto node = StartNode(config, *logger);
  if (!node.ok()) {
    Complain("error", node.status().message());
    return kExitFailed;
  }
  SayWhere(config, **node);
  Warn(config, *logger);
  logger->Say(LogLevel::kInfo, "started");
  config::Config current = config;
  int signal = 0;
  while (sigwait(&signals, &signal) == 0 && signal == SIGHUP) {
    Reload(**node, *logger, config, current, load);
  }
  EndAtLast(current.drain_timeout + kUnwinding);
  logger->Say(LogLevel::kInfo, "draining");
  (*node)->DrainAndStop();
  logger->Say(LogLevel::kInfo, "stopped");
  return 0;
}

// Ends a run whose result is its output.
int Conclude(int code) {
  if (IsOutputWritten()) return code;
  Complain("error", "standard output could not be written");
  return code == 0 ? kExitFailed : code;
}

int Main(int argc, char** argv) {
  HoldStandardStreams();
  HideMemory();
  RaiseDescriptorLimit();
  CLI::App app(
      "The HolySheep LLM node: a gRPC service in front of an "
      "OpenAI-compatible upstream.",
      "holysheep-node");
  config::LoadOptions load;
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
    return Conclude(app.exit(end) == 0 ? 0 : kExitBadConfig);
  }
  const absl::StatusOr<config::Config> config = config::LoadConfig(load);
  if (!config.ok()) {
    Complain("error", config.status().message());
    return kExitBadConfig;
  }
  if (check) {
    for (const std::string& warning : config->warnings) {
      Complain("warning", warning);
    }
    std::puts("the configuration is good");
    return Conclude(0);
  }
  return Serve(*config, load);
}

}  // namespace
}  // namespace holysheep

int main(int argc, char** argv) {
  try {
    return holysheep::Main(argc, argv);
  } catch (const std::exception& error) {  // From a library, such as no memory.
    std::fprintf(stderr, "error: %s\n", error.what());
    return holysheep::kExitFailed;
  }
}
