#include "upstream/response_codec.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "holysheep/node/v1/chat.pb.h"
#include "http/sse_parser.h"
#include "policy/token_estimate.h"
#include "upstream/completion_decoder.h"
#include "upstream/http_errors.h"
#include "upstream/json_dom.h"

namespace holysheep {
namespace {

// Beside its text an event holds ids, token probabilities and the like.
constexpr size_t kEventRoom = 1 << 20;
// A comment, the fields data, event, id and retry, or a byte order mark.
constexpr absl::string_view kEventStarts = ":deir\xEF";

absl::Status NotJson() {
  return MakeError(Reason::kUpstreamMalformed,
                   "the upstream's answer is not valid JSON");
}

struct FinishWord {
  absl::string_view word;
  pb::InvokeResponse::FinishReason reason;
};
constexpr FinishWord kFinishWords[] = {
    {"stop", pb::InvokeResponse::STOP},
    {"end_turn", pb::InvokeResponse::STOP},
    {"stop_sequence", pb::InvokeResponse::STOP},
    {"eos", pb::InvokeResponse::STOP},
    {"length", pb::InvokeResponse::LENGTH},
    {"max_tokens", pb::InvokeResponse::LENGTH},
    {"tool_calls", pb::InvokeResponse::TOOL_CALLS},
    {"tool_use", pb::InvokeResponse::TOOL_CALLS},
    {"function_call", pb::InvokeResponse::TOOL_CALLS},
    {"content_filter", pb::InvokeResponse::CONTENT_FILTER},
    {"safety", pb::InvokeResponse::CONTENT_FILTER},
};

pb::InvokeResponse::FinishReason FinishReasonOf(absl::string_view raw) {
  const std::string lower = absl::AsciiStrToLower(raw);
  for (const FinishWord& known : kFinishWords) {
    if (lower == known.word) return known.reason;
  }
  return pb::InvokeResponse::OTHER;
}

class Reader final : public AnswerReader {
 public:
  explicit Reader(AnswerReaderOptions options)
      : options_(std::move(options)),
        events_(options_.max_answer_bytes + kEventRoom),
        decoder_(options_.max_answer_bytes) {}

  absl::Status Feed(absl::string_view body, OnDelta on_delta) override;
  bool finished() const override { return !decoder_.finish_reason().empty(); }
  bool done() const override { return done_; }
  absl::StatusOr<pb::InvokeResponse> Finish(OnDelta on_delta) override;

 private:
  enum class Format { kUnknown, kEvents, kJson };

  absl::Status FeedUnknown(absl::string_view body, OnDelta on_delta);
  absl::Status FeedEvents(absl::string_view body, OnDelta on_delta);
  absl::Status FeedJson(absl::string_view body);
  absl::Status TakeEvent(const SseEvent& event, OnDelta on_delta);
  absl::Status TakeJson(absl::string_view json, OnDelta on_delta);
  absl::Status TakeEnd(OnDelta on_delta);
  pb::InvokeResponse MakeResponse() const;
  pb::Usage EstimateUsage() const;

  const AnswerReaderOptions options_;
  Format format_ = Format::kUnknown;
  // The body does not begin as a stream of events does.
  bool odd_start_ = false;
  bool done_ = false;
  SseParser events_;
  std::string json_;
  JsonParser parser_;
  CompletionDecoder decoder_;
};

absl::Status Reader::Feed(absl::string_view body, OnDelta on_delta) {
  switch (format_) {
    case Format::kUnknown:
      return FeedUnknown(body, on_delta);
    case Format::kEvents:
      return FeedEvents(body, on_delta);
    case Format::kJson:
      break;
  }
  return FeedJson(body);
}

// The first byte tells, and unlike the content type it does not lie.
absl::Status Reader::FeedUnknown(absl::string_view body, OnDelta on_delta) {
  const absl::string_view start = absl::StripLeadingAsciiWhitespace(body);
  if (start.empty()) return absl::OkStatus();
  if (start[0] == '<') {
    return MakeError(Reason::kUpstreamMalformed,
                     "the upstream answered with a page instead of a chat "
                     "completion: check upstream.base_url");
  }
  format_ =
      start[0] == '{' || start[0] == '[' ? Format::kJson : Format::kEvents;
  odd_start_ = kEventStarts.find(start[0]) == absl::string_view::npos;
  return Feed(start, on_delta);
}

absl::Status Reader::FeedEvents(absl::string_view body, OnDelta on_delta) {
  if (done_) return absl::OkStatus();
  return events_.Feed(body, [this, on_delta](const SseEvent& event) {
    return TakeEvent(event, on_delta);
  });
}

absl::Status Reader::FeedJson(absl::string_view body) {
  if (json_.size() + body.size() > options_.max_answer_bytes + kEventRoom) {
    return MakeError(Reason::kUpstreamMalformed,
                     "the upstream's answer is too long");
  }
  json_.append(body.data(), body.size());
  return absl::OkStatus();
}

absl::Status Reader::TakeEvent(const SseEvent& event, OnDelta on_delta) {
  if (done_) return absl::OkStatus();
  const absl::string_view data = absl::StripAsciiWhitespace(event.data);
  if (data.empty()) return absl::OkStatus();
  if (data == "[DONE]") {
    done_ = true;
    return absl::OkStatus();
  }
  if (event.name == "error") return StatusFromErrorJson(data, options_.key);
  return TakeJson(data, on_delta);
}

absl::Status Reader::TakeJson(absl::string_view json, OnDelta on_delta) {
  const JsonValue* value = parser_.Parse(json);
  if (value == nullptr) return NotJson();
  const JsonValue* error = Member(value, "error");
  if (error != nullptr && (error->IsObject() || error->IsString())) {
    return StatusFromErrorJson(json, options_.key);
  }
  return decoder_.Decode(*value, on_delta);
}

absl::StatusOr<pb::InvokeResponse> Reader::Finish(OnDelta on_delta) {
  if (absl::Status status = TakeEnd(on_delta); !status.ok()) return status;
  if (!finished() && !done_) {
    // Something else, then, that says nothing about an answer.
    if (odd_start_ && !decoder_.has_choice()) return NotJson();
    return MakeError(Reason::kStreamTruncated,
                     "the upstream's answer ended before its finish reason");
  }
  if (absl::Status status = decoder_.End(on_delta); !status.ok()) return status;
  return MakeResponse();
}

absl::Status Reader::TakeEnd(OnDelta on_delta) {
  if (format_ == Format::kEvents) {
    return events_.Flush([this, on_delta](const SseEvent& event) {
      // The end may have cut it: then it is no worse than if it were missing.
      const bool cut = event.data != "[DONE]" && !parser_.Parse(event.data);
      return cut ? absl::OkStatus() : TakeEvent(event, on_delta);
    });
  }
  if (format_ == Format::kUnknown) return absl::OkStatus();
  if (absl::Status status = TakeJson(json_, on_delta); !status.ok()) {
    return status;
  }
  if (!decoder_.has_choice()) {
    return MakeError(Reason::kUpstreamMalformed,
                     "the upstream's answer has no choices");
  }
  done_ = true;
  return absl::OkStatus();
}

pb::InvokeResponse Reader::MakeResponse() const {
  pb::InvokeResponse response;
  response.set_finish_reason(FinishReasonOf(decoder_.finish_reason()));
  response.set_finish_reason_raw(decoder_.finish_reason());
  response.set_model_used(decoder_.model().empty() ? options_.model
                                                   : decoder_.model());
  response.set_upstream_request_id(decoder_.id());
  response.set_system_fingerprint(decoder_.system_fingerprint());
  response.set_opaque_json(decoder_.opaque().Json());
  *response.mutable_usage() =
      decoder_.usage().has_value() ? *decoder_.usage() : EstimateUsage();
  response.set_tokens_used(response.usage().total_tokens());
  if (!finished()) {
    response.add_warnings(
        "the upstream ended the answer without a finish reason: it may be "
        "incomplete");
  }
  if (decoder_.dropped_content()) {
    response.add_warnings(
        "parts of the answer that are neither text nor reasoning were "
        "dropped");
  }
  const std::string incomplete = decoder_.tool_calls().Warning();
  if (!incomplete.empty()) response.add_warnings(incomplete);
  return response;
}

pb::Usage Reader::EstimateUsage() const {
  pb::Usage usage;
  usage.set_prompt_tokens(options_.estimated_prompt_tokens);
  usage.set_completion_tokens(EstimateTokens(decoder_.answer_bytes()));
  usage.set_total_tokens(usage.prompt_tokens() + usage.completion_tokens());
  usage.set_estimated(true);
  return usage;
}

}  // namespace

std::unique_ptr<AnswerReader> NewAnswerReader(AnswerReaderOptions options) {
  return std::make_unique<Reader>(std::move(options));
}

}  // namespace holysheep
