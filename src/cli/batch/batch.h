#pragma once

#include <string>

#include "cli/args/request_options.h"
#include "cli/client/session.h"

namespace holysheep::cli {

struct BatchOptions {
  std::string input;
  std::string output;
  std::string format;  // jsonl, csv or lines; empty: by the extension
  bool resume = false;
  bool retry_errors = false;  // when resumed
  bool skip_bad_lines = false;
  bool dry_run = false;
  bool quiet = false;  // no progress
  int max_open = 256;  // items under way
  RequestOptions request;
};

// `batch`: asks for every item of a file and writes a line for each into
// another one. Ends with 1 if any item of the output is an error.
ExitCode RunBatch(const Session& session, const BatchOptions& options);

}  // namespace holysheep::cli
