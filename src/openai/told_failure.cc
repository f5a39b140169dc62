#include "openai/told_failure.h"

#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "base/utf8.h"
#include "openai/clean_message.h"
#include "openai/completion_decoder.h"
#include "openai/finish_word.h"
#include "openai/http_errors.h"
#include "openai/page_text.h"

namespace holysheep {
namespace {

// The depth to which an error is searched for something that it says.
constexpr int kLevels = 4;
// The bound on a text that is not an answer. The reader keeps no more of such a
// text.
constexpr size_t kMaxSaid = 4096;

// Whether `value` has no content: null, false, 0, an empty text, or an array or
// object of such values.
bool IsNothing(const JsonValue& value, int levels = kLevels) {
  if (value.IsNull() || value.IsFalse()) return true;
  if (value.IsString()) return IsBlank(TextOf(&value));
  if (value.IsNumber()) return value.GetDouble() == 0;
  if (levels == 0) return false;
  if (value.IsArray()) {
    for (const JsonValue& element : value.GetArray()) {
      if (!IsNothing(element, levels - 1)) return false;
    }
    return true;
  }
  if (!value.IsObject()) return false;
  for (const auto& member : value.GetObject()) {
    if (!IsNothing(member.value, levels - 1)) return false;
  }
  return true;
}

bool Says(const JsonValue* value) {
  return value != nullptr && !IsNothing(*value);
}

// Whether a `code` of the upstream's own means success.
bool IsSuccess(const JsonValue* code) {
  if (!Says(code)) return true;
  const absl::string_view text = TextOf(code);
  return CountOf(code) == 200 || text == "0" || text == "200" ||
         absl::EqualsIgnoreCase(text, "success") ||
         absl::EqualsIgnoreCase(text, "ok");
}

bool SpeaksOfFailure(const JsonValue& value) {
  constexpr int64_t kFirstError = 400;
  const JsonValue* success = Member(&value, "success");
  return !IsSuccess(Member(&value, "code")) ||
         !IsSuccess(Member(&value, "error_code")) ||
         CountOf(Member(&value, "status")).value_or(0) >= kFirstError ||
         (success != nullptr && success->IsFalse());
}

bool HasText(const JsonValue& value) {
  return Says(Member(&value, "message")) || Says(Member(&value, "msg")) ||
         Says(Member(&value, "error_msg"));
}

// Whether `value` holds an error in one of the shapes of ReadErrorWords.
absl::Status FromShape(const JsonValue& value, absl::string_view key) {
  return StatusFromErrorJson(JsonOf(value).value_or("{}"), key);
}

absl::Status FromError(const JsonValue& error, absl::string_view key) {
  const std::optional<std::string> json = JsonOf(error);
  return StatusFromErrorJson(
      json.has_value() ? absl::StrCat(R"({"error":)", *json, "}") : "{}", key);
}

// Whether a body says in a form of its own that there is no answer.
absl::Status FailureWithoutChoices(const JsonValue& value,
                                   absl::string_view key) {
  const bool is_error =
      absl::EqualsIgnoreCase(TextOf(Member(&value, "object")), "error") ||
      absl::EqualsIgnoreCase(TextOf(Member(&value, "type")), "error");
  const bool is_told =
      is_error || Says(Member(&value, "detail")) ||
      Says(Member(&value, "errors")) ||
      (SpeaksOfFailure(value) && HasText(value)) ||
      !IsSuccess(Member(Member(&value, "base_resp"), "status_code"));
  return is_told ? FromShape(value, key) : absl::OkStatus();
}

absl::Status FailureInChoice(const JsonValue& choice,
                             const ToldContext& context) {
  const absl::string_view word = FinishWordIn(choice);
  const bool failed = MeaningOf(word) == Finish::kFailed;
  const JsonValue* error = Member(&choice, "error");
  const absl::Status told =
      Says(error) ? FromError(*error, context.key) : absl::OkStatus();
  if (!failed) return told;
  if (!told.ok() && !context.answering) return told;
  std::string text =
      absl::StrCat("the upstream broke its answer off with the finish reason ",
                   CleanMessage(word, context.key));
  if (!told.ok()) absl::StrAppend(&text, ": ", told.message());
  return MakeError(
      context.answering ? Reason::kStreamTruncated : Reason::kUpstream5xx,
      text);
}

}  // namespace

absl::Status ToldFailure(const JsonValue& value, const ToldContext& context) {
  // Some upstreams wrap an error in an array.
  if (const JsonValue* first = FirstElement(&value)) {
    const JsonValue* error = Member(first, "error");
    return Says(error) ? FromError(*error, context.key) : absl::OkStatus();
  }
  if (const JsonValue* error = Member(&value, "error"); Says(error)) {
    const bool has_words = error->IsObject() || error->IsString();
    return has_words ? FromError(*error, context.key)
                     : FromShape(value, context.key);
  }
  if (FirstChoice(value) == nullptr) {
    return FailureWithoutChoices(value, context.key);
  }
  for (const JsonValue& choice : Member(&value, "choices")->GetArray()) {
    if (CountOf(Member(&choice, "index")).value_or(0) != 0) continue;
    absl::Status failure = FailureInChoice(choice, context);
    if (!failure.ok()) return failure;
  }
  return absl::OkStatus();
}

absl::Status NoAnswerBut(absl::string_view said, absl::string_view key) {
  said = absl::StripAsciiWhitespace(said.substr(0, kMaxSaid));
  const absl::Status status = StatusFromErrorJson(said, key);
  if (ReasonOf(status) != Reason::kUpstream5xx) return status;
  return MakeError(
      Reason::kUpstreamMalformed,
      absl::StrCat("the upstream's answer is not a chat completion: ",
                   CleanMessage(said, key)));
}

absl::Status PageInstead(absl::string_view page, absl::string_view key) {
  std::string text =
      "the upstream answered with a page instead of a chat completion: check "
      "upstream.base_url";
  const std::string said = CleanMessage(PageText(page), key);
  if (!said.empty()) absl::StrAppend(&text, " (", said, ")");
  return MakeError(Reason::kUpstreamMalformed, text);
}

}  // namespace holysheep
