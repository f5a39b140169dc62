#include <limits>

#include "intake/validation_checks.h"

namespace holysheep {
namespace {

// OpenAI allows 4, other upstreams more.
constexpr int kMaxStops = 16;
constexpr size_t kMaxStopBytes = 256;

absl::Status CheckMaxTokens(const ValidationContext& context) {
  const int64_t given = context.request.max_tokens();
  const ModelInfo* model = context.model;
  const int64_t limit = model != nullptr && model->max_output_tokens > 0
                            ? model->max_output_tokens
                            : std::numeric_limits<int32_t>::max();
  if (given >= 1 && given <= limit) return absl::OkStatus();
  return Refuse(
      FieldPath("max_tokens"),
      absl::StrCat("must be 1 to ", limit,
                   model == nullptr ? "" : ", the limit of ",
                   model == nullptr ? "" : model->id, ", is ", given));
}

absl::Status CheckNumbers(const pb::InvokeRequest& request) {
  absl::Status status;
  if (request.has_temperature()) {
    status.Update(
        CheckRange(FieldPath("temperature"), request.temperature(), 0.0, 2.0));
  }
  if (request.has_top_p()) {
    status.Update(CheckRange(FieldPath("top_p"), request.top_p(), 0.0, 1.0));
  }
  if (request.has_top_k()) {
    status.Update(CheckAtLeast(1, FieldPath("top_k"), request.top_k()));
  }
  if (request.has_presence_penalty()) {
    status.Update(CheckRange(FieldPath("presence_penalty"),
                             request.presence_penalty(), -2.0, 2.0));
  }
  if (request.has_frequency_penalty()) {
    status.Update(CheckRange(FieldPath("frequency_penalty"),
                             request.frequency_penalty(), -2.0, 2.0));
  }
  return status;
}

absl::Status CheckStop(const pb::InvokeRequest& request) {
  absl::Status status =
      CheckCount(FieldPath("stop"), request.stop_size(), kMaxStops);
  for (int i = 0; status.ok() && i < request.stop_size(); ++i) {
    const FieldPath path("stop", i);
    if (request.stop(i).empty()) return Refuse(path, "must not be empty");
    status = CheckLength(path, request.stop(i), kMaxStopBytes);
  }
  return status;
}

}  // namespace

absl::Status CheckSampling(const ValidationContext& context) {
  absl::Status status = CheckNumbers(context.request);
  if (context.request.has_max_tokens()) status.Update(CheckMaxTokens(context));
  status.Update(CheckStop(context.request));
  return status;
}

}  // namespace holysheep
