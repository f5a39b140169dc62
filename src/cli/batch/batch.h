#pragma once

#include <string>

#include "cli/batch/input_guess.h"
#include "cli/client/request_options.h"
#include "cli/client/session.h"

namespace holysheep::cli {

// The options of `batch`.
struct BatchOptions {
  // The path of a regular file, since it is read twice, or `-` for standard
  // input, which is copied first.
  std::string input;
  // A path, or `-` for standard output.
  std::string output;
  // How the input is read.
  InputFlags reading;
  // jsonl, csv or openai; if empty, by the extension and the input.
  std::string output_format;
  // Leaves the byte order mark of a CSV output out.
  bool no_mark = false;
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

// `batch`: asks the service about every item of a file, and writes one line or
// row for each into another file. Returns kExitFailed if any item of the output
// is an error. Reads the whole input first, so that a mistake in it costs
// nothing. A run that ends early can be resumed: every result that was written
// stays. Results in CSV and in OpenAI's form are kept in a file with `.part`
// after its name until all have come; then the output appears in whole, in the
// order of the input. To standard output, lines are written as they come, and
// CSV at the end.
ExitCode RunBatch(const Session& session, const BatchOptions& options);

}  // namespace holysheep::cli
