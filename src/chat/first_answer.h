#pragma once

#include <memory>
#include <string>

#include "chat/backend.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {

// An answer that does not keep to its schema, and is paid for.
struct FirstAnswer {
  // Which gave it.
  std::string model;
  std::string reasoning;
  // What to ask for a better one: the conversation with this one, and what is
  // wrong with it.
  std::shared_ptr<const pb::InvokeRequest> repair;
  // With its use and cost.
  pb::InvokeResponse ending;
};

// Keeps what a call has bought while its repair waits for a limit of ours:
// asked again with the same one, the call goes on with the repair. Loop thread
// only.
struct Unfinished {
  // Null if there is none.
  std::shared_ptr<const FirstAnswer> first;
};

// Hands on what the call of `from` has left unfinished to `to`, whose repair it
// is then. The first answer was another call's, so it is free for this one.
void TakeOverUnfinished(const ChatRequest& from, ChatRequest& to);

}  // namespace holysheep
