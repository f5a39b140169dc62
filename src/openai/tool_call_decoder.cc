#include "openai/tool_call_decoder.h"

#include <optional>
#include <utility>

#include "absl/random/distributions.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
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

// A name comes in pieces, or is repeated, or grows from fragment to fragment.
void AddName(absl::string_view piece, std::string& name) {
  if (absl::StartsWith(piece, name)) name.clear();
  name.append(piece.data(), piece.size());
}

}  // namespace

// Invariants: of a call that is not `is_begun` nothing has been passed on, of
// another one its id and the first `sent` bytes of its arguments. Calls begin
// in the order of their numbers, except those whose name comes after their
// arguments. `held_bytes_` is the sum of what has not been passed on.

absl::Status ToolCallDecoder::Decode(const JsonValue& message, bool is_whole,
                                     OpaqueParts& opaque,
                                     OnFragment on_fragment) {
  const JsonValue* calls = Member(&message, "tool_calls");
  // The form that preceded tools: a single call without number and id.
  const JsonValue* old_call = Member(&message, "function_call");
  if (calls == nullptr && old_call == nullptr) return absl::OkStatus();
  ToolCallNumbering::Fragment fragment;
  fragment.array = ++arrays_;
  if (calls != nullptr && !calls->IsArray()) {
    return Malformed("`tool_calls` is not an array");
  }
  if (calls == nullptr || calls->Empty()) {
    if (old_call == nullptr) return absl::OkStatus();
    fragment.index = -1;  // This number is never a tool call's.
    return DecodeFragment(fragment, *old_call, old_call, opaque, on_fragment);
  }
  fragment.is_whole_call = is_whole;
  for (const JsonValue& call : calls->GetArray()) {
    if (!call.IsObject()) return Malformed("a tool call is not an object");
    fragment.index = CountOf(Member(&call, "index"));
    fragment.id = TextOf(Member(&call, "id"));
    auto status = DecodeFragment(fragment, call, Member(&call, "function"),
                                 opaque, on_fragment);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status ToolCallDecoder::DecodeFragment(
    const ToolCallNumbering::Fragment& fragment, const JsonValue& call,
    const JsonValue* function, OpaqueParts& opaque, OnFragment on_fragment) {
  const auto arguments = ArgumentsIn(function);
  if (!arguments.has_value()) return Malformed("nested too deeply");
  ToolCallNumbering::Fragment full = fragment;
  full.name = TextOf(Member(function, "name"));
  full.has_arguments = !IsNothing(*arguments);
  if (IsRepetition(full, *arguments)) return absl::OkStatus();
  const auto place =
      numbering_.PlaceOf(full, [this](int index) { return IsWhole(index); });
  if (!place.has_value()) return Malformed("too many tool calls");
  if (place->index < 0) return absl::OkStatus();
  if (place->is_new) {
    auto status = Begin(fragment.id, on_fragment);
    if (!status.ok()) return status;
  }
  const auto index = static_cast<size_t>(place->index);
  opaque.AddToolCall(calls_[index].id, call);
  Take(full.name, *arguments, calls_[index]);
  const Call& taken = calls_[index];
  const bool may_begin = !taken.name.empty() && !taken.arguments.empty();
  if (!taken.is_begun && !may_begin) return absl::OkStatus();
  delta_.Clear();
  return Send(index, on_fragment);
}

// Some upstreams repeat a call as a whole when it is complete.
bool ToolCallDecoder::IsRepetition(const ToolCallNumbering::Fragment& fragment,
                                   absl::string_view arguments) {
  if (fragment.id.empty() || fragment.is_whole_call) return false;
  for (size_t i = 0; i < calls_.size(); ++i) {
    const Call& call = calls_[i];
    if (call.id != fragment.id || !IsWhole(static_cast<int>(i))) continue;
    const bool same_name = fragment.name.empty() || fragment.name == call.name;
    if (same_name && (arguments.empty() || arguments == call.arguments)) {
      return true;
    }
  }
  return false;
}

bool ToolCallDecoder::IsWhole(int index) {
  Call& call = calls_[static_cast<size_t>(index)];
  if (!call.scan.is_closed()) return false;
  if (!call.is_json.has_value()) call.is_json = IsJson(call.arguments);
  return *call.is_json;
}

absl::Status ToolCallDecoder::Begin(absl::string_view id,
                                    OnFragment on_fragment) {
  for (size_t i = 0; i < calls_.size(); ++i) {
    if (calls_[i].is_begun) continue;
    delta_.Clear();
    if (auto status = Send(i, on_fragment); !status.ok()) return status;
  }
  Call call;
  call.id = ValidUtf8(id);
  for (const Call& other : calls_) {
    if (other.id == call.id) call.id.clear();
  }
  // A later turn needs an id.
  if (call.id.empty()) call.id = NewId();
  calls_.push_back(std::move(call));
  ++said_;
  return absl::OkStatus();
}

std::string ToolCallDecoder::NewId() {
  constexpr absl::string_view kCharacters =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  constexpr size_t kLength = 24;
  std::string id = "call_";
  for (size_t i = 0; i < kLength; ++i) {
    id += kCharacters[absl::Uniform<size_t>(random_, 0, kCharacters.size())];
  }
  return id;
}

void ToolCallDecoder::Take(absl::string_view name, absl::string_view arguments,
                           Call& call) {
  const size_t before = call.name.size() + call.arguments.size();
  const bool may_name = call.is_begun
                            ? !call.is_named
                            : call.arguments.empty() || call.name.empty();
  if (!name.empty() && may_name) AddName(name, call.name);
  absl::string_view said = call.joiner.Add(arguments);
  // Arguments are an object, so this is another form of having none.
  if (call.arguments.empty() && said == "null") said = {};
  call.arguments.append(said.data(), said.size());
  call.scan.Add(said);
  const size_t after = call.name.size() + call.arguments.size();
  if (after == before) return;
  ++said_;
  held_bytes_ += after;
  held_bytes_ -= before;
}

absl::Status ToolCallDecoder::Send(size_t index, OnFragment on_fragment) {
  Call& call = calls_[index];
  delta_.set_index(static_cast<int>(index));
  bool says = delta_.incomplete();
  if (!call.is_begun) {
    delta_.set_id(call.id);
    call.is_begun = says = true;
  }
  if (!call.is_named && !call.name.empty()) {
    delta_.set_name(ValidUtf8(call.name));
    held_bytes_ -= call.name.size();
    call.is_named = says = true;
  }
  if (call.sent < call.arguments.size()) {
    delta_.set_arguments_fragment(call.arguments.substr(call.sent));
    held_bytes_ -= call.arguments.size() - call.sent;
    call.sent = call.arguments.size();
    says = true;
  }
  return says ? on_fragment(delta_) : absl::OkStatus();
}

// Only now is it known whether the arguments are JSON.
absl::Status ToolCallDecoder::End(OnFragment on_fragment) {
  for (size_t i = 0; i < calls_.size(); ++i) {
    Call& call = calls_[i];
    const std::string rest(call.joiner.End());
    const bool has_none = IsNothing(call.arguments) && rest.empty();
    const absl::string_view added = has_none ? "{}" : absl::string_view(rest);
    if (has_none && !call.arguments.empty() && call.sent == 0) {
      held_bytes_ -= call.arguments.size();
      call.arguments.clear();
    }
    call.arguments.append(added.data(), added.size());
    held_bytes_ += added.size();
    call.incomplete = !has_none && !IsJson(call.arguments);
    delta_.Clear();
    if (call.incomplete) delta_.set_incomplete(true);
    if (auto status = Send(i, on_fragment); !status.ok()) return status;
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
