#pragma once

#include "cli/client/request_options.h"
#include "cli/client/session.h"

namespace holysheep::cli {

// The options of `chat`.
struct ChatOptions {
  RequestOptions request;
  bool quiet = false;  // no summaries
};

// `chat`: a conversation with one line per turn, until /exit or the end of the
// input; lines are edited where the console can do that. A failed or
// interrupted turn is removed, and the conversation continues. Returns the exit
// code of the last turn.
ExitCode RunChat(const Session& session, const ChatOptions& options);

}  // namespace holysheep::cli
