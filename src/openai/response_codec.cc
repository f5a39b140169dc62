#include "openai/response_codec.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/errors.h"
#include "holysheep/node/v1/chat.pb.h"
#include "http/answer_bound.h"
#include "http/sse_parser.h"
#include "json/json_dom.h"
#include "openai/answer_ending.h"
#include "openai/completion_decoder.h"
#include "openai/http_errors.h"
#include "openai/reading/keep_alive.h"
#include "openai/reading/other_words.h"
#include "openai/reading/responses_decoder.h"
#include "openai/told_failure.h"

namespace holysheep {
namespace {

// In addition to its text an event holds ids, token probabilities and the like.
constexpr size_t kEventRoom = 1 << 20;
constexpr size_t kMaxShownPage = 4096;
constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

absl::Status NotJson() {
  return MakeError(Reason::kUpstreamMalformed,
                   "the upstream's answer is not valid JSON");
}

// Invariants: the format is decided once, by the first byte, except that JSON
// which cannot be parsed is read again as events at the end; until the decision
// the bytes wait in `start_`. Only `decoder_` knows the answer; everything that
// is not part of it goes to `others_`, which errors quote.
// After `done_` nothing more is read. An error ends the reading: the caller
// must not feed the reader again.

class Reader final : public AnswerReader {
 public:
  Reader(AnswerReaderOptions options, absl::BitGenRef random)
      : options_(std::move(options)),
        events_(options_.max_response_bytes + kEventRoom,
                /*reports_stray=*/true),
        decoder_(options_.max_response_bytes, options_.think_tags, random) {}

  absl::Status Feed(absl::string_view body, OnDelta on_delta) override;
  State state() const override;
  size_t said() const override { return decoder_.said(); }
  bool has_finish_reason() const override {
    return !decoder_.finish_word().empty();
  }
  absl::StatusOr<pb::InvokeResponse> Finish(OnDelta on_delta) override;

 private:
  enum class Format { kUnknown, kEvents, kJson, kPage };

  absl::Status FeedUnknown(absl::string_view body, OnDelta on_delta);
  absl::Status FeedEvents(absl::string_view body, OnDelta on_delta);
  absl::Status FeedJson(absl::string_view body);
  absl::Status FeedPage(absl::string_view body);
  absl::Status TakeStray(absl::string_view line, OnDelta on_delta);
  absl::Status TakeEvent(const SseEvent& event, OnDelta on_delta);
  absl::Status TakeData(absl::string_view name, absl::string_view data,
                        OnDelta on_delta);
  // Takes `value`, whose JSON is `text`, from an event called `name`.
  absl::Status TakeValue(absl::string_view name, const JsonValue& value,
                         absl::string_view text, OnDelta on_delta);
  absl::Status TakeOther(absl::string_view name, const JsonValue& value,
                         absl::string_view text, OnDelta on_delta);
  absl::Status TakeResponsesEvent(absl::string_view name,
                                  const JsonValue& value, OnDelta on_delta);
  absl::Status TakeEnd(OnDelta on_delta);
  absl::Status TakeWholeJson(OnDelta on_delta);
  bool IsCut(const SseEvent& event);

  const AnswerReaderOptions options_;
  Format format_ = Format::kUnknown;
  bool done_ = false;
  // The beginning of the body, until it shows the format.
  std::string start_;
  SseParser events_;
  std::string json_;
  bool read_something_ = false;
  OtherWords others_;
  JsonParser parser_;
  CompletionDecoder decoder_;
  // Not set before an event of the Responses API.
  std::optional<ResponsesDecoder> responses_;
};

absl::Status Reader::Feed(absl::string_view body, OnDelta on_delta) {
  switch (format_) {
    case Format::kUnknown:
      return FeedUnknown(body, on_delta);
    case Format::kEvents:
      return FeedEvents(body, on_delta);
    case Format::kJson:
      return FeedJson(body);
    case Format::kPage:
      break;
  }
  return FeedPage(body);
}

AnswerReader::State Reader::state() const {
  if (done_) return State::kDone;
  if (!decoder_.expects_end()) return State::kOpen;
  return decoder_.resumed() ? State::kResumed : State::kFinished;
}

// The first byte shows the format; the content type may be wrong.
absl::Status Reader::FeedUnknown(absl::string_view body, OnDelta on_delta) {
  start_.append(body.data(), body.size());
  absl::string_view start = absl::StripLeadingAsciiWhitespace(start_);
  while (absl::ConsumePrefix(&start, kByteOrderMark)) {
    start = absl::StripLeadingAsciiWhitespace(start);
  }
  if (start.empty() || absl::StartsWith(kByteOrderMark, start)) {
    start_ = std::string(start);
    return absl::OkStatus();
  }
  const bool is_json = start[0] == '{' || start[0] == '[';
  format_ = start[0] == '<' ? Format::kPage
            : is_json       ? Format::kJson
                            : Format::kEvents;
  const std::string all(start);
  start_.clear();
  return Feed(all, on_delta);
}

absl::Status Reader::FeedEvents(absl::string_view body, OnDelta on_delta) {
  if (done_) return absl::OkStatus();
  return events_.Feed(body, [this, on_delta](const SseEvent& event) {
    return TakeEvent(event, on_delta);
  });
}

absl::Status Reader::FeedJson(absl::string_view body) {
  if (json_.size() + body.size() > options_.max_response_bytes + kEventRoom) {
    return AnswerTooLong(options_.max_response_bytes);
  }
  json_.append(body.data(), body.size());
  return absl::OkStatus();
}

absl::Status Reader::FeedPage(absl::string_view body) {
  json_.append(body.data(),
               std::min(body.size(), kMaxShownPage - json_.size()));
  return json_.size() < kMaxShownPage ? absl::OkStatus()
                                      : PageInstead(json_, options_.key);
}

absl::Status Reader::TakeEvent(const SseEvent& event, OnDelta on_delta) {
  if (done_ || IsKeepAliveName(event.name)) return absl::OkStatus();
  absl::string_view data = absl::StripAsciiWhitespace(event.data);
  absl::ConsumePrefix(&data, kByteOrderMark);
  if (data == "[DONE]") {
    done_ = true;
    return absl::OkStatus();
  }
  if (event.stray) return TakeStray(data, on_delta);
  if (IsKeepAlive(data)) return absl::OkStatus();
  if (event.name == "error") return StatusFromErrorJson(data, options_.key);
  return TakeData(event.name, data, on_delta);
}

// A line that is not a field of an event may be a chunk without `data:`, or say
// why there is no answer.
absl::Status Reader::TakeStray(absl::string_view line, OnDelta on_delta) {
  if (absl::ConsumePrefix(&line, "data:") || absl::StartsWith(line, "{")) {
    const JsonValue* value = parser_.ParseLiberally(line);
    if (value != nullptr) return TakeValue("", *value, line, on_delta);
  }
  others_.Add(line);
  return absl::OkStatus();
}

absl::Status Reader::TakeData(absl::string_view name, absl::string_view data,
                              OnDelta on_delta) {
  const JsonValue* value = parser_.ParseLiberally(data);
  if (value != nullptr) return TakeValue(name, *value, data, on_delta);
  // A broken chunk may have contained a piece of the answer.
  if (data[0] == '{') return NotJson();
  others_.Add(data);
  return absl::OkStatus();
}

absl::Status Reader::TakeValue(absl::string_view name, const JsonValue& value,
                               absl::string_view text, OnDelta on_delta) {
  absl::Status failure =
      ToldFailure(value, {decoder_.said_something(), options_.key});
  if (!failure.ok()) return failure;
  if (!value.IsObject()) return TakeOther(name, value, text, on_delta);
  read_something_ = true;
  if (Member(&value, "choices") == nullptr) {
    if (ResponsesDecoder::Understands(name, value)) {
      return TakeResponsesEvent(name, value, on_delta);
    }
    if (Member(&value, "usage") == nullptr) others_.Add(text);
  }
  return decoder_.Decode(value, on_delta);
}

// Some upstreams put their chunks into arrays.
absl::Status Reader::TakeOther(absl::string_view name, const JsonValue& value,
                               absl::string_view text, OnDelta on_delta) {
  const JsonValue* first = FirstElement(&value);
  if (Member(first, "choices") == nullptr) {
    others_.Add(text);
    return absl::OkStatus();
  }
  for (const JsonValue& chunk : value.GetArray()) {
    auto status = TakeValue(name, chunk, text, on_delta);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Reader::TakeResponsesEvent(absl::string_view name,
                                        const JsonValue& value,
                                        OnDelta on_delta) {
  if (!responses_.has_value()) responses_.emplace();
  const JsonValue* chunk = responses_->Translate(name, value);
  if (responses_->ended()) done_ = true;
  if (chunk == nullptr) return absl::OkStatus();
  absl::Status failure =
      ToldFailure(*chunk, {decoder_.said_something(), options_.key});
  return failure.ok() ? decoder_.Decode(*chunk, on_delta) : failure;
}

absl::StatusOr<pb::InvokeResponse> Reader::Finish(OnDelta on_delta) {
  if (absl::Status status = TakeEnd(on_delta); !status.ok()) return status;
  if (!decoder_.has_choice()) {
    return others_.NoAnswer(read_something_ || done_, options_.key);
  }
  if (!has_finish_reason() && !done_) {
    return MakeError(
        Reason::kStreamTruncated,
        absl::StrCat("the upstream's answer ended before its finish reason",
                     others_.Note(options_.key)));
  }
  if (absl::Status status = decoder_.End(on_delta); !status.ok()) return status;
  return EndingOf(decoder_, options_, others_.Note(options_.key));
}

absl::Status Reader::TakeEnd(OnDelta on_delta) {
  switch (format_) {
    case Format::kUnknown:
      return absl::OkStatus();
    case Format::kPage:
      return PageInstead(json_, options_.key);
    case Format::kJson:
      return TakeWholeJson(on_delta);
    case Format::kEvents:
      break;
  }
  return events_.Flush([this, on_delta](const SseEvent& event) {
    // The end may have cut the event; then it counts as missing.
    return IsCut(event) ? absl::OkStatus() : TakeEvent(event, on_delta);
  });
}

bool Reader::IsCut(const SseEvent& event) {
  if (event.stray) {
    for (const absl::string_view field : {"data", "event", "id", "retry"}) {
      if (absl::StartsWith(field, event.data)) return true;
    }
    return false;
  }
  const absl::string_view data = absl::StripAsciiWhitespace(event.data);
  return absl::StartsWith(data, "{") && parser_.ParseLiberally(data) == nullptr;
}

absl::Status Reader::TakeWholeJson(OnDelta on_delta) {
  const std::string json = std::move(json_);
  const JsonValue* value = parser_.ParseLiberally(json);
  if (value == nullptr) {
    // More follows the JSON, such as events after a first line of JSON.
    format_ = Format::kEvents;
    absl::Status status = FeedEvents(json, on_delta);
    return status.ok() ? TakeEnd(on_delta) : status;
  }
  done_ = true;
  return TakeValue("", *value, json, on_delta);
}

}  // namespace

std::unique_ptr<AnswerReader> NewAnswerReader(AnswerReaderOptions options,
                                              absl::BitGenRef random) {
  return std::make_unique<Reader>(std::move(options), random);
}

}  // namespace holysheep
