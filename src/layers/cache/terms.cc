#include "layers/cache/terms.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "base/errors.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

// A time limit that is not set is longer than any other.
constexpr int64_t kUnset = std::numeric_limits<int64_t>::max();

int64_t QueueMs(const ChatRequest& request) {
  const pb::Timeouts& asked = request.message->timeouts();
  return asked.has_queue_ms() ? asked.queue_ms() : kUnset;
}

bool TriesMoreOften(const ChatRequest& other, const ChatRequest& tried) {
  return other.message->max_attempts() > tried.message->max_attempts();
}

bool HasAnotherModel(const ChatRequest& other, const ChatRequest& tried) {
  const auto& had = tried.message->fallback_models();
  const auto& has = other.message->fallback_models();
  return std::any_of(has.begin(), has.end(), [&](const auto& model) {
    return std::find(had.begin(), had.end(), model) == had.end();
  });
}

// Another caller or class has limits of its own.
bool IsAnotherCaller(const ChatRequest& other, const ChatRequest& tried) {
  return other.priority != tried.priority ||
         (other.caller != tried.caller &&
          other.caller->name != tried.caller->name);
}

}  // namespace

// The table of reasons says what another attempt or another model may mend.
bool CouldSucceedAlone(const absl::Status& error, const ChatRequest& tried,
                       const ChatRequest& other) {
  const ReasonRow& row = RowOf(error);
  if (row.fault == Fault::kOwnLimit) {
    return IsAnotherCaller(other, tried) || QueueMs(other) > QueueMs(tried);
  }
  if (row.retried && TriesMoreOften(other, tried)) return true;
  const bool falls_back = row.falls_back == FallsBack::kYes ||
                          row.falls_back == FallsBack::kToLargerContext;
  return falls_back && HasAnotherModel(other, tried);
}

}  // namespace holysheep
