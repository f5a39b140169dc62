#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/args/request_options.h"
#include "cli/client/session.h"

namespace holysheep::cli {

// The options of `bench`.
struct BenchOptions {
  std::vector<std::string> words;  // the prompt; none: a short one
  int64_t calls = 1000;
  int concurrency = 20;
  double rate = 0;
  int64_t warm_up = 0;  // calls before those that count
  bool unique = false;
  std::optional<double> repeat;
  bool stream = false;
  bool batch = false;
  bool json = false;
  std::string html_file;
  RequestOptions request;
};

// `bench`: calls the service repeatedly and reports the latencies. Returns
// kExitFailed if any call failed.
ExitCode RunBench(const Session& session, const BenchOptions& options);

}  // namespace holysheep::cli
