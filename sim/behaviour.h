#pragma once

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sim/chat_question.h"
#include "sim/control.h"
#include "sim/rule_book.h"
#include "sim/wire.h"

namespace holysheep::sim {

// The inputs of a response in addition to the question. The references must
// outlive the call that receives it.
struct Situation {
  const Settings& settings;
  const Choice& choice;
  // The latency drawn for this request.
  absl::Duration latency;
  absl::Time now;
  // When the present behaviour began; flapping counts from then.
  absl::Time since;
  std::string request_id;
  // False for an HTTP/1.0 client, which cannot read chunks.
  bool chunked = true;
  // The JSON of the request, for kinds that refuse members of it.
  absl::string_view body = {};
};

// Returns the response to a chat request. Pure.
Plan PlanChat(const ChatQuestion& question, const Situation& situation);

// Returns the response to GET /v1/models, with the faults that replace a
// response. Pure.
Plan PlanModels(const Situation& situation);

}  // namespace holysheep::sim
