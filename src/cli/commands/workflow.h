#pragma once

#include <string>

#include "cli/client/session.h"

namespace holysheep::cli {

struct WorkflowOptions {
  std::string file;
  std::string query;           // instead of the file's, unless empty
  bool stop_on_error = false;  // even if the file does not say so
  bool json = false;
  bool quiet = false;  // outputs only
};

// `workflow`: runs the steps of a file and prints what happens as it happens.
// Ends with 1 if a step failed.
ExitCode RunWorkflow(const Session& session, const WorkflowOptions& options);

}  // namespace holysheep::cli
