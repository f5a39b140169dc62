#include "openai/tool_call_decoder.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/utf8.h"
#include "openai/malformed.h"

namespace holysheep {
namespace {

// The most of a name that is shown in a warning.
constexpr size_t kMaxShownName = 64;

// Returns the arguments in `function` as text; nothing if they are nested too
// deeply. Some upstreams send them as an object, or null if there are none.
std::optional<std::string> ArgumentsIn(const JsonValue* function) {
  const JsonValue* arguments = Member(function, "arguments");
  if (arguments == nullptr) return std::string();
  if (arguments->IsString()) return std::string(TextOf(arguments));
  return JsonOf(*arguments);
}

// Blanks are not JSON, but mean the same as nothing.
bool IsNothing(absl::string_view arguments) {
  return absl::StripAsciiWhitespace(arguments).empty();
}

}  // namespace

absl::Status ToolCallDecoder::Decode(const JsonValue& message,
                                     absl::string_view answer_id,
                                     OpaqueParts& opaque,
                                     OnFragment on_fragment) {
  if (const JsonValue* calls = Member(&message, "tool_calls")) {
    if (!calls->IsArray()) return Malformed("`tool_calls` is not an array");
    for (const JsonValue& call : calls->GetArray()) {
      if (!call.IsObject()) return Malformed("a tool call is not an object");
      auto status = DecodeToolCall(call, answer_id, opaque, on_fragment);
      if (!status.ok()) return status;
    }
  }
  // The form that preceded tools: a single call without number and id.
  if (const JsonValue* function = Member(&message, "function_call")) {
    return DecodeFunctionCall(*function, answer_id, on_fragment);
  }
  return absl::OkStatus();
}

absl::Status ToolCallDecoder::DecodeToolCall(const JsonValue& call,
                                             absl::string_view answer_id,
                                             OpaqueParts& opaque,
                                             OnFragment on_fragment) {
  const JsonValue* function = Member(&call, "function");
  const absl::string_view name = TextOf(Member(function, "name"));
  const absl::string_view id = TextOf(Member(&call, "id"));
  const auto place =
      numbering_.PlaceOf({CountOf(Member(&call, "index")), id, name});
  if (!place.has_value()) return Malformed("too many tool calls");
  if (place->is_new) Begin(id, answer_id);
  const std::string& call_id = calls_[static_cast<size_t>(place->index)].id;
  if (!opaque.AddToolCall(call_id, call)) {
    return Malformed("nested too deeply");
  }
  return Pass(*place, function, on_fragment);
}

absl::Status ToolCallDecoder::DecodeFunctionCall(const JsonValue& function,
                                                 absl::string_view answer_id,
                                                 OnFragment on_fragment) {
  // This number is never a tool call's.
  constexpr int64_t kIndex = -1;
  const auto place =
      numbering_.PlaceOf({kIndex, {}, TextOf(Member(&function, "name"))});
  if (!place.has_value()) return Malformed("too many tool calls");
  if (place->is_new) Begin({}, answer_id);
  return Pass(*place, &function, on_fragment);
}

// A later turn needs an id, so a call without one gets one.
void ToolCallDecoder::Begin(absl::string_view id, absl::string_view answer_id) {
  Call call;
  call.id = id.empty() ? absl::StrCat("call_", answer_id, "_", calls_.size())
                       : ValidUtf8(id);
  calls_.push_back(std::move(call));
}

// The first fragment of a call carries its id, and the first one with a name
// the name, as the contract promises; fragments that would be empty are not
// passed on.
absl::Status ToolCallDecoder::Pass(const ToolCallNumbering::Place& place,
                                   const JsonValue* function,
                                   OnFragment on_fragment) {
  Call& call = calls_[static_cast<size_t>(place.index)];
  delta_.Clear();
  delta_.set_index(place.index);
  if (place.is_new) delta_.set_id(call.id);
  if (place.takes_name) {
    call.name = ValidUtf8(TextOf(Member(function, "name")));
    delta_.set_name(call.name);
  }
  const auto arguments = ArgumentsIn(function);
  if (!arguments.has_value()) return Malformed("nested too deeply");
  std::string said(call.joiner.Add(*arguments));
  // Arguments are an object, so this is another form of having none.
  if (call.arguments.empty() && said == "null") said.clear();
  call.arguments += said;
  delta_.set_arguments_fragment(std::move(said));
  if (!place.is_new && !place.takes_name &&
      delta_.arguments_fragment().empty()) {
    return absl::OkStatus();
  }
  return on_fragment(delta_);
}

// Only now is it known whether the arguments are JSON. Each call that needs it
// gets one more fragment.
absl::Status ToolCallDecoder::End(OnFragment on_fragment) {
  for (size_t i = 0; i < calls_.size(); ++i) {
    Call& call = calls_[i];
    delta_.Clear();
    delta_.set_index(static_cast<int>(i));
    delta_.set_arguments_fragment(std::string(call.joiner.End()));
    call.arguments += delta_.arguments_fragment();
    const bool has_none = IsNothing(call.arguments);
    call.incomplete = !has_none && !IsJson(call.arguments);
    if (!has_none && !call.incomplete && delta_.arguments_fragment().empty()) {
      continue;
    }
    delta_.set_incomplete(call.incomplete);
    if (has_none) {
      call.arguments = "{}";
      delta_.set_arguments_fragment(call.arguments);
    }
    if (auto status = on_fragment(delta_); !status.ok()) return status;
  }
  return absl::OkStatus();
}

std::string ToolCallDecoder::Warning() const {
  std::vector<std::string> names;
  for (const Call& call : calls_) {
    if (call.incomplete) names.push_back(BoundedUtf8(call.name, kMaxShownName));
  }
  if (names.empty()) return "";
  return absl::StrCat(
      "the arguments of a tool call are not valid JSON, perhaps cut by "
      "max_tokens; do not run it: ",
      absl::StrJoin(names, ", "));
}

}  // namespace holysheep
