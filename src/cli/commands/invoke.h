#pragma once

#include <string>
#include <vector>

#include "cli/client/request_options.h"
#include "cli/client/session.h"

namespace holysheep::cli {

// The options of `invoke`.
struct InvokeOptions {
  // The question; see ReadQuestion.
  std::vector<std::string> words;
  RequestOptions request;
  bool at_once = false;  // not streamed
  bool json = false;     // the whole response instead of its text
  bool quiet = false;    // no summary
};

// `invoke`: asks one question and prints the answer. With `json` the answer is
// not streamed.
ExitCode RunInvoke(const Session& session, const InvokeOptions& options);

}  // namespace holysheep::cli
