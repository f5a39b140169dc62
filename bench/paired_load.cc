// Compares services by cache hits: calls them in short slices, one service
// after the other, each round in another order, over connections that stay
// open. So all of a round see the machine at the same pace, which processes
// that run for themselves do not.
//
//   paired_load ROUNDS SECONDS CONCURRENCY SERVICE...
//
// SERVICE: HOST:PORT[,TOKEN_FILE[,CA_FILE]], an empty file is none; see
// load.cc. Prints a line of JSON for each service in turn: calls (all of them),
// errors, rates (calls per second, round by round) and the p99 of the
// latencies, in microseconds.
//
// A tenth of a slice comes before it and is not counted, nor is a pause after
// it, in which a service ends what it still does for it, such as the writing of
// its log.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <random>
#include <thread>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "bench/latencies.h"
#include "bench/load_run.h"

namespace holysheep::bench {
namespace {

constexpr std::chrono::milliseconds kPause(30);

struct Service {
  explicit Service(const LoadTarget& target) : client(target) {}

  LoadClient client;
  int64_t calls = 0;
  int64_t errors = 0;
  std::vector<double> rates;
  Latencies latencies;
};

LoadTarget Parse(absl::string_view text) {
  std::vector<std::string> parts = absl::StrSplit(text, ',');
  parts.resize(3);
  LoadTarget target;
  target.address = parts[0];
  if (!parts[1].empty()) target.authorization = BearerFrom(parts[1]);
  if (!parts[2].empty()) target.authority = ReadFile(parts[2]);
  return target;
}

void RunSlice(const LoadOptions& options, Service& service) {
  LoadOptions warm_up = options;
  warm_up.seconds /= 10;
  const LoadResults before = service.client.Run(warm_up);
  service.calls += before.latencies.count();
  service.errors += before.errors;
  const auto start = Clock::now();
  const LoadResults results = service.client.Run(options);
  const Latencies& times = results.latencies;
  service.rates.push_back(double(times.count()) /
                          absl::ToDoubleSeconds(Since(start)));
  service.calls += times.count();
  service.errors += results.errors;
  service.latencies.Add(times);
  std::this_thread::sleep_for(kPause);
}

void Compare(const std::vector<std::string>& addresses,
             const LoadOptions& options, int rounds) {
  std::vector<std::unique_ptr<Service>> services;
  std::vector<Service*> order;
  for (const std::string& address : addresses) {
    services.push_back(std::make_unique<Service>(Parse(address)));
    order.push_back(services.back().get());
  }
  std::mt19937 random(std::random_device{}());
  for (int round = 0; round < rounds; ++round) {
    std::shuffle(order.begin(), order.end(), random);
    for (Service* service : order) RunSlice(options, *service);
  }
  for (const auto& service : services) {
    std::printf(
        "{\"calls\": %lld, \"errors\": %lld, \"p99\": %.1f, \"rates\": [%s]}\n",
        static_cast<long long>(service->calls),
        static_cast<long long>(service->errors), Micros(service->latencies, 99),
        absl::StrJoin(service->rates, ", ").c_str());
  }
}

}  // namespace
}  // namespace holysheep::bench

int main(int argc, char** argv) {
  holysheep::bench::LoadOptions options;
  int rounds = 1;
  std::vector<std::string> services;
  CLI::App app("Compares services by cache hits, in short slices by turns.");
  app.add_option("rounds", rounds)->required();
  app.add_option("seconds", options.seconds)->required();
  app.add_option("concurrency", options.concurrency)->required();
  app.add_option("services", services)->required();
  CLI11_PARSE(app, argc, argv);
  holysheep::bench::Compare(services, options, rounds);
  return 0;
}
