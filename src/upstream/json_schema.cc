#include "upstream/json_schema.h"

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "base/json.h"
#include "upstream/json_dom.h"
#include "upstream/schema_checker.h"

namespace holysheep {
namespace {

absl::Status Invalid(absl::string_view what) {
  return MakeError(Reason::kInvalidArgument, what);
}

absl::Status CheckRefs(const JsonValue& value, const JsonValue& root) {
  if (value.IsArray()) {
    for (const JsonValue& element : value.GetArray()) {
      if (auto status = CheckRefs(element, root); !status.ok()) return status;
    }
  }
  if (!value.IsObject()) return absl::OkStatus();
  const absl::string_view ref = TextOf(Member(&value, "$ref"));
  if (!ref.empty() && ResolveRef(ref, root) == nullptr) {
    return Invalid(
        absl::StrCat("$ref `", ref, "` does not name a place in the schema"));
  }
  for (const auto& member : value.GetObject()) {
    if (auto status = CheckRefs(member.value, root); !status.ok()) {
      return status;
    }
  }
  return absl::OkStatus();
}

class Schema final : public JsonSchema {
 public:
  // Null if `text` is not JSON.
  const JsonValue* Parse(absl::string_view text) {
    root_ = parser_.Parse(text);
    return root_;
  }

  absl::Status Check(absl::string_view json) const override {
    JsonParser parser;
    const JsonValue* value = parser.Parse(json);
    if (value == nullptr) return Invalid("the whole: is not valid JSON");
    if (IsDeeperThan(*value, kMaxJsonDepth)) {
      return Invalid("the whole: is nested too deeply");
    }
    SchemaChecker checker(*root_);
    if (checker.Check(*root_, *value)) return absl::OkStatus();
    return Invalid(checker.complaint());
  }

 private:
  JsonParser parser_;
  const JsonValue* root_ = nullptr;
};

}  // namespace

absl::StatusOr<std::unique_ptr<JsonSchema>> JsonSchema::Compile(
    absl::string_view schema) {
  if (auto status = CheckJsonObject(schema); !status.ok()) return status;
  auto compiled = std::make_unique<Schema>();
  const JsonValue* root = compiled->Parse(schema);
  if (root == nullptr) return Invalid("not valid JSON");
  if (auto status = CheckRefs(*root, *root); !status.ok()) return status;
  return compiled;
}

}  // namespace holysheep
