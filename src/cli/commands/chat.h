#pragma once

#include "cli/args/request_options.h"
#include "cli/client/session.h"

namespace holysheep::cli {

struct ChatOptions {
  RequestOptions request;
  bool quiet = false;  // no summaries
};

// `chat`: a conversation, a line a turn, until /exit or the end of the input.
// A failed or interrupted turn is taken back, and the conversation goes on; the
// code is that of the last turn.
ExitCode RunChat(const Session& session, const ChatOptions& options);

}  // namespace holysheep::cli
