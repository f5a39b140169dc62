#pragma once

#include <string>

#include "cli/client/request_options.h"
#include "cli/client/session.h"

namespace holysheep::cli {

// The options of `batch`.
struct BatchOptions {
  // A path; not a pipe, since it is read twice.
  std::string input;
  // A path; see OpenBatchOutput.
  std::string output;
  std::string format;  // jsonl, csv or lines; if empty, by the extension
  // Continue an existing output with the items that it lacks.
  bool resume = false;
  // Items with an error count as missing, too.
  bool retry_errors = false;  // when resumed
  // Otherwise a broken line ends the run before anything is asked.
  bool skip_bad_lines = false;
  // Only estimate the cost; the output is not touched.
  bool dry_run = false;
  bool quiet = false;  // no progress
  int max_open = 256;  // items under way
  // Defaults for fields that an item leaves unset.
  RequestOptions request;
};

// `batch`: asks the service about every item of a file, and writes one line for
// each into another file. Returns kExitFailed if any item of the output is an
// error. Reads the whole input first, so that a mistake in it costs nothing. A
// run that ends early can be resumed: every result that was written stays.
ExitCode RunBatch(const Session& session, const BatchOptions& options);

}  // namespace holysheep::cli
