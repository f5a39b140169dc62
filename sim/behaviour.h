#pragma once

#include <string>

#include "absl/time/time.h"
#include "sim/chat_question.h"
#include "sim/control.h"
#include "sim/rule_book.h"
#include "sim/wire.h"

namespace holysheep::sim {

// What a response depends on beside the question. The references must outlive
// the call that it is given to.
struct Situation {
  const Settings& settings;
  const Choice& choice;
  // Drawn for this request.
  absl::Duration latency;
  absl::Time now;
  // When this behaviour began: flapping counts from then.
  absl::Time since;
  std::string request_id;
  // An HTTP/1.0 client knows no chunks.
  bool chunked = true;
};

// The response to a chat request. A pure function.
Plan PlanChat(const ChatQuestion& question, const Situation& situation);

// The response to GET /v1/models, of the same faults as far as they replace it.
Plan PlanModels(const Situation& situation);

}  // namespace holysheep::sim
