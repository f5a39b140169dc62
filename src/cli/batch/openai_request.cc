#include "cli/batch/openai_request.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/utf8.h"
#include "cli/batch/openai_messages.h"
#include "json/json.h"

namespace holysheep::cli {
namespace {

constexpr size_t kMaxShownUrl = 80;

// A whole number, also one written as 7.0.
std::optional<int64_t> WholeOf(const JsonValue& value) {
  if (value.IsInt64()) return value.GetInt64();
  return CountOf(&value);
}

using SetNumber = void (pb::InvokeRequest::*)(double);
using SetCount = void (pb::InvokeRequest::*)(int32_t);

// Returns nothing for a member that is not a number.
std::optional<absl::Status> SetNumeric(absl::string_view name,
                                       const JsonValue& value,
                                       pb::InvokeRequest& request) {
  constexpr std::pair<absl::string_view, SetNumber> kNumbers[] = {
      {"temperature", &pb::InvokeRequest::set_temperature},
      {"top_p", &pb::InvokeRequest::set_top_p},
      {"presence_penalty", &pb::InvokeRequest::set_presence_penalty},
      {"frequency_penalty", &pb::InvokeRequest::set_frequency_penalty},
  };
  constexpr std::pair<absl::string_view, SetCount> kCounts[] = {
      {"max_tokens", &pb::InvokeRequest::set_max_tokens},
      {"max_completion_tokens", &pb::InvokeRequest::set_max_tokens},
      {"top_k", &pb::InvokeRequest::set_top_k},
  };
  for (const auto& [number, set] : kNumbers) {
    if (name != number) continue;
    if (!value.IsNumber()) return WrongValue(name, "must be a number");
    (request.*set)(value.GetDouble());
    return absl::OkStatus();
  }
  for (const auto& [count, set] : kCounts) {
    if (name != count) continue;
    const std::optional<int64_t> whole = WholeOf(value);
    if (!whole || *whole > std::numeric_limits<int32_t>::max() ||
        *whole < std::numeric_limits<int32_t>::min()) {
      return WrongValue(name, "must be a whole number");
    }
    (request.*set)(static_cast<int32_t>(*whole));
    return absl::OkStatus();
  }
  if (name != "seed") return std::nullopt;
  const std::optional<int64_t> seed = WholeOf(value);
  if (!seed) return WrongValue(name, "must be a whole number");
  request.set_seed(*seed);
  return absl::OkStatus();
}

absl::Status SetStop(const JsonValue& value, pb::InvokeRequest& request) {
  if (value.IsString()) {
    request.add_stop(std::string(TextOf(&value)));
    return absl::OkStatus();
  }
  if (!value.IsArray()) {
    return WrongValue("stop", "must be a text or a list of texts");
  }
  for (const JsonValue& each : value.GetArray()) {
    if (!each.IsString()) return WrongValue("stop", "must be a list of texts");
    request.add_stop(std::string(TextOf(&each)));
  }
  return absl::OkStatus();
}

absl::Status SetTools(const JsonValue& value, pb::InvokeRequest& request) {
  if (!value.IsArray()) return WrongValue("tools", "must be a list");
  for (rapidjson::SizeType i = 0; i < value.Size(); ++i) {
    const JsonValue* function = Member(&value[i], "function");
    if (function == nullptr) {
      return WrongValue(absl::StrCat("tools[", i, "]"), "must be a function");
    }
    pb::Tool& tool = *request.add_tools();
    tool.set_name(std::string(TextOf(Member(function, "name"))));
    tool.set_description(std::string(TextOf(Member(function, "description"))));
    if (const JsonValue* schema = Member(function, "parameters")) {
      tool.set_parameters_json(JsonOf(*schema).value_or("{}"));
    }
    const JsonValue* strict = Member(function, "strict");
    if (strict != nullptr && strict->IsBool()) {
      tool.set_strict(strict->GetBool());
    }
  }
  return absl::OkStatus();
}

absl::Status SetToolChoice(const JsonValue& value, pb::InvokeRequest& request) {
  const JsonValue* name = Member(Member(&value, "function"), "name");
  const absl::string_view choice = TextOf(name == nullptr ? &value : name);
  if (choice.empty()) {
    return WrongValue("tool_choice", "must be a word or name a function");
  }
  request.set_tool_choice(std::string(choice));
  return absl::OkStatus();
}

absl::Status SetResponseFormat(const JsonValue& value,
                               pb::InvokeRequest& request) {
  pb::ResponseFormat& format = *request.mutable_response_format();
  pb::ResponseFormat::Type type = pb::ResponseFormat::TEXT;
  if (!pb::ResponseFormat::Type_Parse(
          absl::AsciiStrToUpper(TextOf(Member(&value, "type"))), &type)) {
    return WrongValue("response_format.type",
                      "must be text, json_object or json_schema");
  }
  format.set_type(type);
  const JsonValue* about = Member(&value, "json_schema");
  format.set_name(std::string(TextOf(Member(about, "name"))));
  if (const JsonValue* schema = Member(about, "schema")) {
    format.set_schema_json(JsonOf(*schema).value_or("{}"));
  }
  const JsonValue* strict = Member(about, "strict");
  if (strict != nullptr && strict->IsBool()) {
    format.set_strict(strict->GetBool());
  }
  return absl::OkStatus();
}

absl::Status AddExtra(absl::string_view name, const JsonValue& value,
                      pb::InvokeRequest& request) {
  const std::optional<std::string> json = JsonOf(value);
  if (!json) return WrongValue(name, "is nested too deeply");
  const std::string before = request.extra_params_json();
  std::vector<JsonMember> members = MembersOfChecked(before);
  members.push_back({std::string(name), *json});
  request.set_extra_params_json(JsonObject(members));
  return absl::OkStatus();
}

// Members that say how an answer is delivered, which a batch decides.
bool IsDelivery(absl::string_view name, const JsonValue& value) {
  if (name == "n") return WholeOf(value) == 1;
  return name == "stream" || name == "stream_options";
}

}  // namespace

bool IsOpenAiLine(const JsonValue& line) {
  return line.IsObject() &&
         (line.HasMember("custom_id") || line.HasMember("body"));
}

bool IsOpenAiForm(absl::string_view name, const JsonValue& value) {
  if (name == "messages") {
    const JsonValue* first = FirstElement(&value);
    const absl::string_view role = TextOf(Member(first, "role"));
    return first != nullptr &&
           (Member(first, "content") != nullptr ||
            (!role.empty() && role == absl::AsciiStrToLower(role)));
  }
  if (name == "tools") {
    return Member(FirstElement(&value), "function") != nullptr;
  }
  if (name == "response_format") {
    const absl::string_view type = TextOf(Member(&value, "type"));
    return !type.empty() && type == absl::AsciiStrToLower(type);
  }
  if (name == "stop") return value.IsString();
  if (name == "tool_choice") return value.IsObject();
  return name == "max_completion_tokens" || name == "reasoning_effort" ||
         name == "n" || name == "stream" || name == "stream_options";
}

absl::Status SetOpenAiMember(absl::string_view name, const JsonValue& value,
                             pb::InvokeRequest& request) {
  if (value.IsNull() || IsDelivery(name, value)) return absl::OkStatus();
  if (const auto set = SetNumeric(name, value, request)) return *set;
  if (name == "messages") return ReadOpenAiMessages(value, request);
  if (name == "stop") return SetStop(value, request);
  if (name == "tools") return SetTools(value, request);
  if (name == "tool_choice") return SetToolChoice(value, request);
  if (name == "response_format") return SetResponseFormat(value, request);
  const std::string text(TextOf(&value));
  if (name == "model") {
    request.set_model(text);
  } else if (name == "user") {
    request.set_user(text);
  } else if (name == "reasoning_effort") {
    request.mutable_reasoning()->set_effort(text);
  } else if (name == "parallel_tool_calls" && value.IsBool()) {
    request.set_parallel_tool_calls(value.GetBool());
  } else if (name == "n") {
    return WrongValue(name, "must be 1: an item has one answer");
  } else if (name == "functions" || name == "function_call") {
    return WrongValue(name, "is OpenAI's older form; write tools instead");
  } else {
    return AddExtra(name, value, request);
  }
  return absl::OkStatus();
}

absl::Status ReadOpenAiLine(const JsonValue& line, pb::BatchItem& item) {
  const JsonValue* id = Member(&line, "custom_id");
  const JsonValue* body = Member(&line, "body");
  const absl::string_view url = TextOf(Member(&line, "url"));
  const absl::string_view method = TextOf(Member(&line, "method"));
  if (id != nullptr && (!id->IsString() || TextOf(id).empty())) {
    return WrongValue("custom_id", "must be a text");
  }
  if (!url.empty() && !absl::EndsWith(url, "/chat/completions")) {
    return WrongValue("url", absl::StrCat("`", BoundedUtf8(url, kMaxShownUrl),
                                          "` cannot be asked: only "
                                          "/v1/chat/completions"));
  }
  if (!method.empty() && !absl::EqualsIgnoreCase(method, "POST")) {
    return WrongValue("method", "must be POST");
  }
  if (body == nullptr || !body->IsObject()) {
    return WrongValue("body", "must be an object, the chat request");
  }
  item.set_id(std::string(TextOf(id)));
  for (const auto& member : body->GetObject()) {
    const absl::string_view name(member.name.GetString(),
                                 member.name.GetStringLength());
    const absl::Status status =
        SetOpenAiMember(name, member.value, *item.mutable_request());
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace holysheep::cli
