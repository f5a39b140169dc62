#pragma once

#include <string>

#include "absl/status/status.h"
#include "cli/client/session.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep::cli {

// Returns the key figures of an answer in one line: model, tokens, cost,
// saving, latency, and the part of the cache. Without a line end; control
// characters are shown as `?`.
std::string SummaryLine(const pb::InvokeResponse& response);

// Prints SummaryLine, the warnings and an unusual end on `err`. Prints nothing
// if `out` has failed.
void PrintSummary(const Session& session, const pb::InvokeResponse& response);

// Prints one answer on `out`, piece by piece, and completes the last line. On a
// terminal, control characters of the model's words are shown as `?`. Reasoning
// is not printed. `session` must outlive it.
class AnswerPrinter {
 public:
  explicit AnswerPrinter(const Session& session) : session_(session) {}

  // Prints the piece. Returns whether `out` could be written.
  bool Print(const pb::InvokeEvent& event);
  // Call this after the last event, also if the call failed.
  void End();

  // The response of the last event; empty if the call failed.
  const pb::InvokeResponse& response() const { return response_; }

 private:
  void Write(const std::string& text);

  const Session& session_;
  pb::InvokeResponse response_;
  // Whether the last text had no line end.
  bool line_is_open_ = false;
};

}  // namespace holysheep::cli
