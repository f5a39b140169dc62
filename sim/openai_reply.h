#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sim/answer.h"
#include "sim/chat_question.h"

namespace holysheep::sim {

// Encodes answers as OpenAI's API does. The same answer to the same question
// always has the same bytes: ids and creation times are derived from the
// content.

enum class EventKind {
  kRole,
  kToken,
  kFinish,
  kUsage,
  kDone,
  kComment,  // `data` is an SSE comment.
  kOther,
};

// One event of a streamed answer.
struct StreamEvent {
  EventKind kind = EventKind::kOther;
  std::string data;
  // The time since the event before.
  absl::Duration delay;
};

// The events of a streamed answer, including the last one.
std::vector<StreamEvent> RenderStream(const ChatQuestion& question,
                                      const Answer& answer);

// Returns a `chat.completion` object.
std::string RenderCompletion(const ChatQuestion& question,
                             const Answer& answer);

// The body of an error.
struct ApiError {
  absl::string_view type;
  absl::string_view code;
  absl::string_view message;
};

// Returns {"error": {...}}.
std::string RenderError(const ApiError& error);

// Returns the body of GET /v1/models.
std::string RenderModels();

}  // namespace holysheep::sim
