#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sim/answer.h"
#include "sim/chat_question.h"

namespace holysheep::sim {

// The same answer to the same question has the same bytes: ids and the time of
// creation are made of what is answered, not of when.

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
  // Since the event before.
  absl::Duration delay;
};

std::vector<StreamEvent> RenderStream(const ChatQuestion& question,
                                      const Answer& answer);

// A `chat.completion` object.
std::string RenderCompletion(const ChatQuestion& question,
                             const Answer& answer);

struct ApiError {
  absl::string_view type;
  absl::string_view code;
  absl::string_view message;
};

// {"error": {...}}.
std::string RenderError(const ApiError& error);

// The answer to GET /v1/models.
std::string RenderModels();

}  // namespace holysheep::sim
