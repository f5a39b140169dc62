#pragma once

#include <string>

#include "cli/client/request_options.h"
#include "cli/client/session.h"

namespace holysheep::cli {

// The options of `batch`.
struct BatchOptions {
  std::string input;
  std::string output;
  std::string format;  // jsonl, csv or lines; if empty, by the extension
  bool resume = false;
  bool retry_errors = false;  // when resumed
  bool skip_bad_lines = false;
  bool dry_run = false;
  bool quiet = false;  // no progress
  int max_open = 256;  // items under way
  RequestOptions request;
};

// `batch`: asks the service about every item of a file, and writes one line for
// each into another file. Returns kExitFailed if any item of the output is an
// error.
ExitCode RunBatch(const Session& session, const BatchOptions& options);

}  // namespace holysheep::cli
