#include "openai/reading/answer_voices.h"

#include "http/answer_bound.h"

namespace holysheep {
// Every piece is counted before it is passed on, so that a caller never
// receives more than `max_bytes_`.

absl::Status AnswerVoices::SayText(absl::string_view text, OnDelta on_delta) {
  if (!think_tags_) return Say(text_, text, on_delta);
  return splitter_.Add(
      text, [this, on_delta](bool is_reasoning, absl::string_view part) {
        return Say(is_reasoning ? reasoning_ : text_, part, on_delta);
      });
}

absl::Status AnswerVoices::SayCall(const pb::ToolCallDelta& fragment,
                                   OnDelta on_delta) {
  *event_.mutable_tool_call() = fragment;
  return Pass(fragment.name().size() + fragment.arguments_fragment().size(),
              on_delta);
}

absl::Status AnswerVoices::End(OnDelta on_delta) {
  auto status = splitter_.End(
      [this, on_delta](bool is_reasoning, absl::string_view part) {
        return Say(is_reasoning ? reasoning_ : text_, part, on_delta);
      });
  for (Voice* voice : {&reasoning_, &text_, &refusal_}) {
    if (status.ok()) status = Send(*voice, voice->joiner.End(), on_delta);
  }
  return status;
}

absl::Status AnswerVoices::Say(Voice& voice, absl::string_view text,
                               OnDelta on_delta) {
  if (text.empty()) return absl::OkStatus();
  ++said_;
  return Send(voice, voice.joiner.Add(text), on_delta);
}

absl::Status AnswerVoices::Send(const Voice& voice, absl::string_view text,
                                OnDelta on_delta) {
  if (text.empty()) return absl::OkStatus();
  if (&voice == &reasoning_) reasoning_bytes_ += text.size();
  (event_.*voice.field)()->assign(text.data(), text.size());
  return Pass(text.size(), on_delta);
}

absl::Status AnswerVoices::Pass(size_t bytes, OnDelta on_delta) {
  if (auto status = CheckRoomFor(bytes); !status.ok()) return status;
  bytes_ += bytes;
  on_delta(event_);
  return absl::OkStatus();
}

absl::Status AnswerVoices::CheckRoomFor(size_t bytes) const {
  if (bytes_ + bytes <= max_bytes_) return absl::OkStatus();
  return AnswerTooLong(max_bytes_);
}

}  // namespace holysheep
