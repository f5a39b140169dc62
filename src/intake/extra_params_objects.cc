#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "holysheep/node/v1/chat.pb.h"
#include "intake/extra_params_fields.h"
#include "intake/extra_params_values.h"

// The members that are or may be objects.
namespace holysheep {
namespace {

// Members that are not known are refused rather than dropped: they would change
// the answer at the upstream.
absl::Status SetSchema(Members& object, pb::ResponseFormat& format) {
  Members schema(object.Take("json_schema").value_or("null"));
  if (!schema.is_object()) return MustBe("given json_schema as an object");
  format.set_type(pb::ResponseFormat::JSON_SCHEMA);
  format.set_name(schema.TakeText("name").value_or(""));
  const auto text = schema.Take("schema");
  if (text.has_value()) format.set_schema_json(std::string(*text));
  if (const auto strict = schema.Take("strict")) {
    const std::optional<bool> value = BoolOf(*strict);
    if (!value.has_value()) return MustBe("given strict as true or false");
    format.set_strict(*value);
  }
  if (schema.all_taken()) return absl::OkStatus();
  return InvalidMember("may have name, schema and strict in json_schema only");
}

absl::Status SetEffort(absl::string_view json, pb::Reasoning& reasoning) {
  if (!reasoning.effort().empty()) return SetTwice();
  std::optional<std::string> effort = TextOf(json);
  if (!effort.has_value()) return MustBe("given the effort as a text");
  reasoning.set_effort(*std::move(effort));
  return absl::OkStatus();
}

absl::Status SetBudget(absl::string_view json, pb::Reasoning& reasoning) {
  if (reasoning.has_budget_tokens()) return SetTwice();
  int32_t tokens;
  if (!absl::SimpleAtoi(json, &tokens)) {
    return MustBe("given the budget as a whole number");
  }
  reasoning.set_budget_tokens(tokens);
  return absl::OkStatus();
}

absl::Status SetEnabled(std::optional<bool> enabled, pb::Reasoning& reasoning) {
  if (reasoning.has_enabled()) return SetTwice();
  if (!enabled.has_value()) return MustBe("either enabled or disabled");
  reasoning.set_enabled(*enabled);
  return absl::OkStatus();
}

}  // namespace

absl::Status TakeToolChoice(absl::string_view json,
                            pb::InvokeRequest& request) {
  if (IsNull(json)) return absl::OkStatus();
  if (!request.tool_choice().empty()) return SetTwice();
  std::optional<std::string> choice = TextOf(json);
  Members object(json);
  if (object.is_object()) {
    const std::optional<std::string> type = object.TakeText("type");
    Members function(object.Take("function").value_or("null"));
    if (type == "function" && function.is_object()) {
      choice = function.TakeText("name");
    }
    if (!object.all_taken()) choice.reset();
  }
  if (!choice.has_value() || choice->empty()) {
    return MustBe(R"(a text or {"type":"function","function":{"name":"..."}})");
  }
  request.set_tool_choice(*std::move(choice));
  return absl::OkStatus();
}

absl::Status TakeResponseFormat(absl::string_view json,
                                pb::InvokeRequest& request) {
  if (IsNull(json)) return absl::OkStatus();
  if (request.has_response_format()) return SetTwice();
  Members object(json);
  pb::ResponseFormat format;
  const std::optional<std::string> type =
      object.is_object() ? object.TakeText("type") : std::nullopt;
  absl::Status status;
  if (type == "json_object") {
    format.set_type(pb::ResponseFormat::JSON_OBJECT);
  } else if (type == "json_schema") {
    status = SetSchema(object, format);
  } else if (type != "text") {
    return MustBe(
        "an object of the type text, json_object or "
        "json_schema");
  }
  if (status.ok() && !object.all_taken()) {
    return InvalidMember("may have type and json_schema only");
  }
  *request.mutable_response_format() = std::move(format);
  return status;
}

absl::Status TakeEffort(absl::string_view json, pb::InvokeRequest& request) {
  if (IsNull(json)) return absl::OkStatus();
  return SetEffort(json, *request.mutable_reasoning());
}

// The form of DeepSeek and Anthropic.
absl::Status TakeThinking(absl::string_view json, pb::InvokeRequest& request) {
  if (IsNull(json)) return absl::OkStatus();
  Members object(json);
  if (!object.is_object()) return MustBe("an object");
  pb::Reasoning& reasoning = *request.mutable_reasoning();
  absl::Status status;
  if (const auto type = object.Take("type")) {
    std::optional<bool> enabled;
    if (type == "\"enabled\"") enabled = true;
    if (type == "\"disabled\"") enabled = false;
    status.Update(SetEnabled(enabled, reasoning));
  }
  if (const auto budget = object.Take("budget_tokens")) {
    status.Update(SetBudget(*budget, reasoning));
  }
  if (status.ok() && !object.all_taken()) {
    return InvalidMember("may have type and budget_tokens only");
  }
  return status;
}

// The form of OpenRouter.
absl::Status TakeReasoning(absl::string_view json, pb::InvokeRequest& request) {
  if (IsNull(json)) return absl::OkStatus();
  Members object(json);
  if (!object.is_object()) return MustBe("an object");
  pb::Reasoning& reasoning = *request.mutable_reasoning();
  absl::Status status;
  if (const auto effort = object.Take("effort")) {
    status.Update(SetEffort(*effort, reasoning));
  }
  if (const auto budget = object.Take("max_tokens")) {
    status.Update(SetBudget(*budget, reasoning));
  }
  if (const auto enabled = object.Take("enabled")) {
    status.Update(SetEnabled(BoolOf(*enabled), reasoning));
  }
  if (status.ok() && !object.all_taken()) {
    return InvalidMember("may have effort, max_tokens and enabled only");
  }
  return status;
}

}  // namespace holysheep
