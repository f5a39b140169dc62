#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/client/request_options.h"
#include "cli/client/session.h"

namespace holysheep::cli {

// The options of `bench`.
struct BenchOptions {
  std::vector<std::string> words;  // the prompt; none: a short one
  // Calls that count, and how many of them run at once. At least 1.
  int64_t calls = 1000;
  int concurrency = 20;
  // Calls to start per second; 0 starts one when another ends.
  double rate = 0;
  int64_t warm_up = 0;  // calls before those that count
  // Every call has its own prompt and bypasses the cache.
  bool unique = false;
  // The share of calls with an earlier prompt, from 0 to 1. The others are new;
  // excludes `unique`.
  std::optional<double> repeat;
  // How calls are made: streamed, as one batch, or (neither) one by one.
  bool stream = false;
  bool batch = false;
  // The report: as JSON on `out` instead of text, and as a page in a file, if
  // one is named.
  bool json = false;
  std::string html_file;
  RequestOptions request;
};

// `bench`: calls the service repeatedly and reports the latencies. Returns
// kExitFailed if any call failed. An interrupt still prints the report of the
// calls that have ended.
ExitCode RunBench(const Session& session, const BenchOptions& options);

}  // namespace holysheep::cli
