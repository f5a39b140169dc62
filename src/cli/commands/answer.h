#pragma once

#include <string>

#include "absl/status/status.h"
#include "cli/client/session.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep::cli {

// What people want to know of an answer on one line: model, tokens, cost,
// saving, latency, and how the cache took part.
std::string SummaryLine(const pb::InvokeResponse& response);

// Says SummaryLine, the warnings and an unusual end on `err`.
void PrintSummary(const Session& session, const pb::InvokeResponse& response);

// Prints one answer on `out`, piece by piece, and ends it with a line end.
class AnswerPrinter {
 public:
  explicit AnswerPrinter(const Session& session) : session_(session) {}

  // Whether it could be shown, so that more of it makes sense.
  bool Print(const pb::InvokeEvent& event);
  // After the last event, also if the call failed.
  void End();

  // The last event; empty if the call failed.
  const pb::InvokeResponse& response() const { return response_; }

 private:
  void Write(const std::string& text);

  const Session& session_;
  pb::InvokeResponse response_;
  bool line_is_open_ = false;
};

}  // namespace holysheep::cli
