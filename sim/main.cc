#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "base/errors.h"
#include "base/standard_streams.h"
#include "boost/asio/io_context.hpp"
#include "boost/asio/signal_set.hpp"
#include "sim/control.h"
#include "sim/server.h"
#include "sim/simulator.h"
#include "sim/wild/wild_kinds.h"

namespace holysheep::sim {
namespace {

struct Flags {
  ServerOptions server;
  std::string latency = "0";
  double first_token_ms = 0;
  double token_ms = 0;
  int tokens = 0;
  std::uint64_t seed = 1;
  std::vector<std::string> faults;
  std::string wild;
  bool list_wild = false;
  std::string key_file;
  std::string control_file;
};

void Declare(CLI::App& app, Flags& flags) {
  constexpr double kHour = 3'600'000;
  app.set_version_flag("--version", "holysheep-sim " HOLYSHEEP_VERSION);
  app.add_option("--listen", flags.server.listen, "ADDRESS:PORT; port 0: any")
      ->capture_default_str();
  app.add_option("--max-connections", flags.server.max_connections)
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  app.add_option("--latency", flags.latency,
                 "Milliseconds to the response's head, or `published`")
      ->capture_default_str();
  app.add_option("--first-token-ms", flags.first_token_ms,
                 "From the head to the first token")
      ->check(CLI::Range(0.0, kHour));
  app.add_option("--token-ms", flags.token_ms, "Between tokens")
      ->check(CLI::Range(0.0, kHour));
  app.add_option("--tokens", flags.tokens,
                 "Answer with so many words instead of an echo")
      ->check(CLI::Range(0, 100'000));
  app.add_option("--seed", flags.seed, "Of the latencies and probabilities")
      ->capture_default_str();
  app.add_option("--fault", flags.faults, "NAME[:ARG], may be repeated");
  app.add_option("--wild", flags.wild,
                 "Play one of the upstreams of --list-wild");
  app.add_flag("--list-wild", flags.list_wild,
               "Name what upstreams really send, and what is right");
  app.add_option("--require-key", flags.key_file,
                 "File with the one API key that is let in");
  app.add_option("--control", flags.control_file,
                 "File with a control message, as for POST /_sim/control");
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return MakeError(Reason::kInvalidArgument, path + ": unreadable");
  return text;
}

absl::StatusOr<LatencyCurve> ParseLatency(const std::string& text) {
  if (text == "published") return LatencyCurve::Of(kPublishedProfile);
  double ms = 0;
  if (!absl::SimpleAtod(text, &ms) || !(ms >= 0 && ms <= 3'600'000)) {
    return InvalidField("--latency", "must be milliseconds or `published`");
  }
  return LatencyCurve(absl::Milliseconds(ms));
}

absl::StatusOr<Settings> MakeSettings(const Flags& flags) {
  Settings settings;
  settings.first_token = absl::Milliseconds(flags.first_token_ms);
  settings.token = absl::Milliseconds(flags.token_ms);
  settings.tokens = flags.tokens;
  settings.seed = flags.seed;
  absl::StatusOr<LatencyCurve> latency = ParseLatency(flags.latency);
  if (!latency.ok()) return latency.status();
  settings.latency = *latency;
  for (const std::string& text : flags.faults) {
    absl::StatusOr<Rule> rule = ParseFaultFlag(text);
    if (!rule.ok()) return rule.status();
    settings.rules.push_back(*std::move(rule));
  }
  if (!flags.wild.empty()) {
    absl::StatusOr<std::vector<Rule>> wild = ParseWild(flags.wild);
    if (!wild.ok()) return wild.status();
    settings.wild = *std::move(wild);
  }
  if (!flags.key_file.empty()) {
    absl::StatusOr<std::string> key = ReadFile(flags.key_file);
    if (!key.ok()) return key.status();
    absl::string_view text = *key;
    absl::ConsumeSuffix(&text, "\n");
    absl::ConsumeSuffix(&text, "\r");
    settings.keys = {HexSha256(text)};
  }
  if (flags.control_file.empty()) return settings;
  absl::StatusOr<std::string> control = ReadFile(flags.control_file);
  if (!control.ok()) return control.status();
  return ParseControl(*control, settings);
}

// As many descriptors as the system lets us have.
void RaiseDescriptorLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

int Fail(const absl::Status& status) {
  std::cerr << "holysheep-sim: " << status.message() << std::endl;
  return 2;
}

int Run(const Flags& flags) {
  absl::StatusOr<Settings> settings = MakeSettings(flags);
  if (!settings.ok()) return Fail(settings.status());
  RaiseDescriptorLimit();
  Simulator simulator(*std::move(settings), absl::Now());
  // One thread: no locks inside.
  boost::asio::io_context io(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO);
  absl::StatusOr<std::unique_ptr<Server>> server =
      StartServer(io, simulator, flags.server);
  if (!server.ok()) return Fail(server.status());
  boost::asio::signal_set signals(io, SIGINT, SIGTERM);
  signals.async_wait([&io](auto, int) { io.stop(); });
  std::cout << "listening on " << (*server)->address() << std::endl;
  io.run();
  return 0;
}

int ParseAndRun(int argc, char** argv) {
  CLI::App app("A simulated OpenAI-compatible upstream");
  Flags flags;
  Declare(app, flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& end) {
    const int code = app.exit(end);
    if (IsOutputWritten()) return code;
    std::cerr << "holysheep-sim: standard output could not be written\n";
    return code == 0 ? 1 : code;
  }
  if (!flags.list_wild) return Run(flags);
  std::cout << ListWildKinds() << std::flush;
  if (IsOutputWritten()) return 0;
  std::cerr << "holysheep-sim: standard output could not be written\n";
  return 1;
}

}  // namespace
}  // namespace holysheep::sim

int main(int argc, char** argv) {
  holysheep::HoldStandardStreams();
  try {
    return holysheep::sim::ParseAndRun(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "holysheep-sim: %s\n", e.what());
    return 1;
  }
}
