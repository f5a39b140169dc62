#pragma once

#include <memory>
#include <string>

#include "chat/answer.h"
#include "chat/backend.h"

namespace holysheep {

// An answer that does not conform to its schema and has been paid for.
struct FirstAnswer {
  // The model that gave it.
  std::string model;
  // Passed to callers who come later.
  std::string reasoning;
  // The request for a better answer: the conversation including this one, and
  // what is wrong with it.
  std::shared_ptr<const pb::InvokeRequest> repair;
  // The end of the answer with its usage and cost.
  Answer ending;
};

// Keeps what a call has paid for while its repair waits for a limit of the
// service. If the same Unfinished is given to another attempt of the call, that
// continues with the repair. On the loop only.
struct Unfinished {
  // Null if there is none.
  std::shared_ptr<const FirstAnswer> first;
};

// Passes the unfinished answer of `from` to `to`, which then repairs it. The
// first answer was paid for by another call, so it is free for this one.
void TakeOverUnfinished(const ChatRequest& from, ChatRequest& to);

}  // namespace holysheep
