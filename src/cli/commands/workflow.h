#pragma once

#include <string>

#include "cli/client/session.h"

namespace holysheep::cli {

// The options of `workflow`.
struct WorkflowOptions {
  // A path; see WorkflowFromYaml.
  std::string file;
  std::string query;           // replaces the file's, unless empty
  bool stop_on_error = false;  // even if the file does not say so
  // Each event as one line of JSON, as it comes.
  bool json = false;
  bool quiet = false;  // outputs only
};

// `workflow`: runs the steps of a file and prints events as they happen.
// Returns kExitFailed if a step failed. Outputs go to `out`, everything else to
// `err`.
ExitCode RunWorkflow(const Session& session, const WorkflowOptions& options);

}  // namespace holysheep::cli
