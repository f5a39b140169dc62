#include "openai/reading/responses_decoder.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace holysheep {
namespace {

// Enough for any answer; what comes beyond belongs to the last one.
constexpr size_t kMaxCalls = 1024;

absl::string_view TypeOf(absl::string_view name, const JsonValue& value) {
  const absl::string_view type = TextOf(Member(&value, "type"));
  return type.empty() ? name : type;
}

// Calls `take` with each object of the array `name` in `value`.
template <typename Take>
void ForEach(const JsonValue& value, absl::string_view name, Take take) {
  const JsonValue* list = Member(&value, name);
  if (list == nullptr || !list->IsArray()) return;
  for (const JsonValue& element : list->GetArray()) {
    if (element.IsObject()) take(element);
  }
}

// Whether an event of this type holds the response as a whole.
bool IsAboutAll(absl::string_view type) {
  for (const absl::string_view known :
       {"created", "in_progress", "queued", "completed", "incomplete", "failed",
        "cancelled", "done"}) {
    if (type == known) return true;
  }
  return false;
}

}  // namespace

// Invariants: `heard` of a voice counts what has been said of the upstream's
// texts, without the gaps between their parts. The number of a call in calls_
// is its index in all chunks.

bool ResponsesDecoder::Understands(absl::string_view name,
                                   const JsonValue& value) {
  return absl::StartsWith(TypeOf(name, value), "response.") ||
         TextOf(Member(&value, "object")) == "response";
}

const JsonValue* ResponsesDecoder::Translate(absl::string_view name,
                                             const JsonValue& value) {
  chunk_.Clear();
  absl::string_view type = TypeOf(name, value);
  if (!absl::ConsumePrefix(&type, "response.")) {
    TakeResponse("", value);
    return chunk_.Build(ended_);
  }
  const auto index = CountOf(Member(&value, "output_index"));
  const JsonValue* response = Member(&value, "response");
  if (type == "output_item.added" || type == "output_item.done") {
    had_items_ |= type == "output_item.done";
    const JsonValue* item = Member(&value, "item");
    const bool counts = type == "output_item.done" ||
                        TextOf(Member(item, "type")) == "function_call";
    if (item != nullptr && counts) TakeItem(*item, index);
  } else if (absl::ConsumePrefix(&type, "function_call_arguments.")) {
    TakeCall(value, TextOf(Member(&value, "item_id")), index);
  } else if (type == "output_text.annotation.added") {
    const JsonValue* annotation = Member(&value, "annotation");
    if (annotation != nullptr) chunk_.AddElement("annotations", *annotation);
  } else if (type == "reasoning_summary_part.added") {
    if (reasoning_.heard.item > 0) chunk_.reasoning += reasoning_.gap;
  } else if (absl::ConsumeSuffix(&type, ".delta")) {
    TakeText(type, false, value);
  } else if (absl::ConsumeSuffix(&type, ".done")) {
    TakeText(type, true, value);
  } else if (response != nullptr && IsAboutAll(type)) {
    TakeResponse(type, *response);
  }
  return chunk_.Build(ended_);
}

void ResponsesDecoder::TakeText(absl::string_view kind, bool is_done,
                                const JsonValue& event) {
  const bool refuses = kind == "refusal";
  const bool thinks = kind == "reasoning_summary_text" ||
                      kind == "reasoning_text" || kind == "reasoning_summary";
  if (!refuses && !thinks && kind != "output_text") return;
  Voice& voice = refuses ? refusal_ : thinks ? reasoning_ : text_;
  if (!is_done) {
    Say(voice, TextOf(Member(&event, "delta")));
    const JsonValue* logprobs = Member(&event, "logprobs");
    if (logprobs != nullptr && FirstElement(logprobs) != nullptr) {
      chunk_.AddLogprobs(*logprobs);
    }
    return;
  }
  const JsonValue* whole = Member(&event, refuses ? "refusal" : "text");
  SayRest(voice, {TextOf(whole)}, &Heard::part);
  voice.heard.part = 0;
}

void ResponsesDecoder::TakeItem(const JsonValue& item,
                                std::optional<int64_t> index) {
  const absl::string_view type = TextOf(Member(&item, "type"));
  if (type == "function_call") {
    return TakeCall(item, TextOf(Member(&item, "id")), index);
  }
  Texts text, reasoning, refusal;
  if (type == "message") {
    ReadMessage(item, text, refusal);
  } else {
    ReadReasoning(item, reasoning);
  }
  SayRest(reasoning_, reasoning, &Heard::item);
  SayRest(text_, text, &Heard::item);
  SayRest(refusal_, refusal, &Heard::item);
  for (Voice* voice : {&reasoning_, &text_, &refusal_}) {
    voice->heard.item = voice->heard.part = 0;
  }
}

void ResponsesDecoder::ReadMessage(const JsonValue& item, Texts& text,
                                   Texts& refusal) {
  const bool is_new = !had_items_ || !ended_;
  ForEach(item, "content", [&](const JsonValue& part) {
    const absl::string_view type = TextOf(Member(&part, "type"));
    if (type == "refusal") {
      refusal.push_back(TextOf(Member(&part, "refusal")));
    } else if (Member(&part, "text") != nullptr) {
      text.push_back(TextOf(Member(&part, "text")));
    } else if (is_new) {
      chunk_.AddElement("output", part);
    }
    if (!is_new) return;
    ForEach(part, "annotations", [&](const JsonValue& annotation) {
      chunk_.AddElement("annotations", annotation);
    });
  });
}

// Items of other types, and reasoning that only the upstream can read, are kept
// for the caller.
void ResponsesDecoder::ReadReasoning(const JsonValue& item, Texts& reasoning) {
  const bool is_new = !had_items_ || !ended_;
  const bool thinks = TextOf(Member(&item, "type")) == "reasoning";
  if (is_new && (!thinks || Member(&item, "encrypted_content") != nullptr)) {
    chunk_.AddElement("output", item);
  }
  if (!thinks) return;
  for (const absl::string_view list : {"content", "summary"}) {
    ForEach(item, list, [&](const JsonValue& part) {
      reasoning.push_back(TextOf(Member(&part, "text")));
    });
  }
}

void ResponsesDecoder::TakeCall(const JsonValue& item,
                                absl::string_view item_id,
                                std::optional<int64_t> index) {
  const absl::string_view call_id = TextOf(Member(&item, "call_id"));
  const size_t number = FindCall(item_id, call_id, index);
  Call& call = calls_[number];
  const absl::string_view name =
      call.is_named ? absl::string_view() : TextOf(Member(&item, "name"));
  if (!name.empty()) {
    call.is_named = true;
    chunk_.AddCall(number, call.call_id, name, nullptr);
  }
  const absl::string_view fragment = TextOf(Member(&item, "delta"));
  if (!fragment.empty()) {
    call.said += fragment.size();
    return chunk_.AddArguments(number, fragment);
  }
  const JsonValue* whole = Member(&item, "arguments");
  if (whole == nullptr) return;
  if (whole->IsString()) {
    const absl::string_view text = TextOf(whole);
    if (text.size() <= call.said) return;
    chunk_.AddArguments(number, text.substr(call.said));
    call.said = text.size();
  } else if (call.said == 0) {
    call.said = 1;
    chunk_.AddCall(number, "", "", whole);
  }
}

size_t ResponsesDecoder::FindCall(absl::string_view item_id,
                                  absl::string_view call_id,
                                  std::optional<int64_t> index) {
  const bool anonymous = item_id.empty() && call_id.empty() && !index;
  for (size_t i = calls_.size(); i-- > 0;) {
    const Call& call = calls_[i];
    if (anonymous || (!item_id.empty() && call.item_id == item_id) ||
        (!call_id.empty() && call.call_id == call_id) ||
        (index.has_value() && call.output_index == index)) {
      return i;
    }
  }
  if (calls_.size() >= kMaxCalls) return calls_.size() - 1;
  calls_.push_back({std::string(item_id),
                    std::string(call_id.empty() ? item_id : call_id), index});
  return calls_.size() - 1;
}

void ResponsesDecoder::TakeResponse(absl::string_view type,
                                    const JsonValue& response) {
  for (const absl::string_view name : {"id", "model", "usage"}) {
    chunk_.AddToAnswer(name, Member(&response, name));
  }
  const absl::string_view status = TextOf(Member(&response, "status"));
  if (type == "created" || type == "in_progress" || type == "queued") return;
  ended_ = true;
  Texts text, reasoning, refusal;
  int64_t index = 0;
  ForEach(response, "output", [&](const JsonValue& item) {
    const absl::string_view item_type = TextOf(Member(&item, "type"));
    if (item_type == "function_call") {
      TakeCall(item, TextOf(Member(&item, "id")), index);
    } else if (item_type == "message") {
      ReadMessage(item, text, refusal);
    } else {
      ReadReasoning(item, reasoning);
    }
    ++index;
  });
  if (text.empty()) text.push_back(TextOf(Member(&response, "output_text")));
  SayRest(reasoning_, reasoning, &Heard::all);
  SayRest(text_, text, &Heard::all);
  SayRest(refusal_, refusal, &Heard::all);
  TakeEnd(type.empty() || type == "done" ? status : type, response);
}

void ResponsesDecoder::TakeEnd(absl::string_view status,
                               const JsonValue& response) {
  const JsonValue* error = Member(&response, "error");
  if (status == "failed" || error != nullptr) {
    chunk_.finish_word = "error";
    chunk_.AddToChoice("error", error);
    return;
  }
  const absl::string_view reason =
      TextOf(Member(Member(&response, "incomplete_details"), "reason"));
  const bool is_cut = status == "incomplete" && !reason.empty();
  chunk_.finish_word = std::string(is_cut ? reason : status);
}

void ResponsesDecoder::SayRest(Voice& voice, const Texts& texts,
                               size_t Heard::*level) {
  size_t heard = voice.heard.*level;
  bool is_first = true;
  for (absl::string_view text : texts) {
    const size_t known = std::min(heard, text.size());
    heard -= known;
    text.remove_prefix(known);
    if (!text.empty() && known == 0 && !is_first) {
      chunk_.*voice.field += voice.gap;
    }
    Say(voice, text);
    is_first = false;
  }
}

void ResponsesDecoder::Say(Voice& voice, absl::string_view text) {
  (chunk_.*voice.field).append(text.data(), text.size());
  voice.heard.part += text.size();
  voice.heard.item += text.size();
  voice.heard.all += text.size();
}

}  // namespace holysheep
