// A load generator: keeps `concurrency` calls of the LlmNode service going from
// one thread, and prints one line of JSON: calls, errors, seconds, calls per
// second, the latencies in microseconds (p50, p95, p99, max; for streams also
// first_p50, of the first piece of the answer), and when the last call ended
// (end_unix_us).
//
//   load HOST:PORT MODE CONCURRENCY SECONDS [CALLS] [--token-file FILE]
//        [--ca FILE]
//
// --token-file holds what callers say who they are with; --ca, in PEM, whom the
// service's certificate is from, and means TLS. MODE: see LoadOptions. Ends
// after SECONDS, or after CALLS if that comes first; warms up for a tenth of
// SECONDS before, unless CALLS is given.

#include <CLI/CLI.hpp>
#include <cstdio>

#include "absl/time/clock.h"
#include "bench/latencies.h"
#include "bench/load_run.h"

namespace holysheep::bench {
namespace {

int Main(const LoadTarget& target, const LoadOptions& options) {
  LoadClient client(target);
  if (options.calls == 0) {
    LoadOptions warm_up = options;
    warm_up.seconds /= 10;
    client.Run(warm_up);
  }
  const auto start = Clock::now();
  const LoadResults results = client.Run(options);
  const double seconds = absl::ToDoubleSeconds(Since(start));
  const int64_t end = absl::ToUnixMicros(absl::Now());
  const Latencies& times = results.latencies;
  std::printf(
      "{\"calls\": %lld, \"errors\": %lld, \"seconds\": %.3f, \"rate\": %.0f, "
      "\"p50\": %.1f, \"p95\": %.1f, \"p99\": %.1f, \"max\": %.1f, "
      "\"first_p50\": %.1f, \"end_unix_us\": %lld}\n",
      static_cast<long long>(times.count()),
      static_cast<long long>(results.errors), seconds,
      double(times.count()) / seconds, Micros(times, 50), Micros(times, 95),
      Micros(times, 99), Micros(times, 100), Micros(results.firsts, 50),
      static_cast<long long>(end));
  return results.errors == 0 ? 0 : 1;
}

}  // namespace
}  // namespace holysheep::bench

int main(int argc, char** argv) {
  holysheep::bench::LoadTarget target;
  holysheep::bench::LoadOptions options;
  std::string token_file;
  std::string ca_file;
  CLI::App app("Keeps calls of the LlmNode service going, and times them.");
  app.add_option("address", target.address)->required();
  app.add_option("mode", options.mode)
      ->required()
      ->check(CLI::IsMember({"hit", "miss", "bypass", "stream"}));
  app.add_option("concurrency", options.concurrency)->required();
  app.add_option("seconds", options.seconds)->required();
  app.add_option("calls", options.calls);
  app.add_option("--token-file", token_file)->check(CLI::ExistingFile);
  app.add_option("--ca", ca_file)->check(CLI::ExistingFile);
  CLI11_PARSE(app, argc, argv);
  if (!token_file.empty()) {
    target.authorization = holysheep::bench::BearerFrom(token_file);
  }
  if (!ca_file.empty()) target.authority = holysheep::bench::ReadFile(ca_file);
  return holysheep::bench::Main(target, options);
}
