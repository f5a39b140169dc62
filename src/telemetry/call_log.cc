#include "telemetry/call_log.h"

#include "base/errors.h"
#include "chat/answer.h"
#include "chat/attempt_stats.h"
#include "holysheep/node/v1/chat.pb.h"
#include "telemetry/log_line.h"

namespace holysheep {
namespace {

// Lower case, as the values of the label `cache` in the metrics.
absl::string_view CacheName(pb::CacheInfo::Outcome outcome) {
  switch (outcome) {
    case pb::CacheInfo::MISS:
      return "miss";
    case pb::CacheInfo::HIT:
      return "hit";
    case pb::CacheInfo::JOINED:
      return "joined";
    case pb::CacheInfo::STALE:
      return "stale";
    default:
      return "bypassed";
  }
}

// The name in the contract. Asking the descriptor would take longer than
// writing the field.
absl::string_view FinishName(pb::InvokeResponse::FinishReason reason) {
  switch (reason) {
    case pb::InvokeResponse::STOP:
      return "STOP";
    case pb::InvokeResponse::LENGTH:
      return "LENGTH";
    case pb::InvokeResponse::TOOL_CALLS:
      return "TOOL_CALLS";
    case pb::InvokeResponse::CONTENT_FILTER:
      return "CONTENT_FILTER";
    case pb::InvokeResponse::OTHER:
      return "OTHER";
    default:
      return "FINISH_REASON_UNSPECIFIED";
  }
}

void AddRequest(const ChatRequest& request, LogLine& line) {
  line.Text("request_id", request.message->request_id());
  line.Text("caller", request.caller->name);
  line.Text("model", request.message->model());
  const pb::CallerInfo& info = request.message->caller();
  if (!info.source().empty()) line.Text("source", info.source());
  if (!info.app_id().empty()) line.Text("app_id", info.app_id());
  if (request.traceparent.empty()) return;
  // The form is 00-<trace>-<span>-<flags>; the span is the one that the
  // upstream sees.
  const absl::string_view parent = request.traceparent;
  line.Text("trace_id", parent.substr(3, 32));
  line.Text("span_id", parent.substr(36, 16));
}

// Times of the upstream are left out where it was not asked.
void AddAnswer(const Answer& answer, LogLine& line) {
  const pb::InvokeResponse& response = answer.response;
  line.Word("outcome", "ok");
  line.Word("cache", CacheName(response.cache_info().outcome()));
  line.Text("model_used", response.model_used());
  line.Word("finish_reason", FinishName(response.finish_reason()));
  line.Millis("first_token_ms", response.first_token_ms());
  line.Number("attempts", response.attempts());
  if (response.attempts() > 0) {
    line.Millis("queue_ms", response.queue_ms());
    line.Millis("upstream_ms", response.upstream_ms());
    line.Text("upstream_request_id", response.upstream_request_id());
  }
  if (response.fallback_used()) line.Flag("fallback", true);
  const pb::Usage& usage = response.usage();
  line.Number("prompt_tokens", usage.prompt_tokens());
  line.Number("completion_tokens", usage.completion_tokens());
  line.Number("cached_prompt_tokens", usage.cached_prompt_tokens());
  line.Number("cache_write_tokens", usage.cache_write_tokens());
  if (usage.estimated()) line.Flag("estimated", true);
  const Cost cost = answer.cost.value_or(Cost());
  line.Decimal("cost_usd", cost.total.ToString());
  line.Decimal("saved_usd", cost.saved.ToString());
}

void AddError(const CallRecord& call, LogLine& line) {
  if (absl::IsCancelled(call.status)) {
    line.Word("outcome", "cancelled");
    line.Word("code", "CANCELLED");
  } else {
    const Reason reason = ReasonOf(call.status);
    line.Word("outcome", "error");
    line.Word("reason", ReasonName(reason));
    line.Word("code", absl::StatusCodeToString(CodeOf(reason)));
    const int http_status = DetailsOf(call.status).http_status;
    if (http_status != 0) line.Number("upstream_status", http_status);
    // The messages of other errors may quote the upstream, and that the prompt.
    if (reason == Reason::kInternal) line.Text("error", call.status.message());
  }
  const AttemptStats* stats = call.request.attempt_stats.get();
  if (stats == nullptr) return;
  line.Number("attempts", stats->attempts);
  line.Millis("queue_ms", stats->queued);
  line.Millis("upstream_ms", stats->upstream);
}

}  // namespace

// The order of the fields is part of the format: people read the beginning of a
// line.
void CallLog::Record(const CallRecord& call) {
  if (!logger_.Takes(LogLevel::kInfo)) return;
  const absl::Time now = call.request.arrived + call.latency;
  LogLine line({logger_.format(), LogLevel::kInfo, now, "call"});
  AddRequest(call.request, line);
  line.Millis("latency_ms", call.latency);
  if (call.answer != nullptr) {
    AddAnswer(*call.answer, line);
  } else {
    AddError(call, line);
  }
  if (prompts_) {
    line.Text("prompt", call.request.message->ShortDebugString());
    if (!call.status.ok()) line.Text("detail", call.status.message());
  }
  logger_.Write(LogLevel::kInfo, line.Finish());
}

}  // namespace holysheep
