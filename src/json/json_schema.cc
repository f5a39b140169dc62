#include "json/json_schema.h"

#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/errors.h"
#include "base/hex.h"
#include "base/utf8.h"
#include "json/json.h"
#include "json/json_dom.h"
#include "json/schema_checker.h"
#include "rapidjson/pointer.h"

namespace holysheep {
namespace {

// A schema is part of the prompt too, so a usable one is far below these
// bounds.
constexpr size_t kMaxSchemaBytes = 262'144;
constexpr size_t kMaxRefs = 1000;
constexpr size_t kMaxShownBytes = 64;
// Bounds on a check that takes a millisecond at most.
constexpr size_t kQuickBytes = 16'384;
constexpr size_t kQuickWork = 8'000;

absl::Status Invalid(absl::string_view what) {
  return MakeError(Reason::kInvalidArgument, what);
}

// Decodes the %XX escapes of a URI fragment; what only looks like one stays.
std::string Unescape(absl::string_view fragment) {
  std::string out;
  while (!fragment.empty()) {
    const auto byte = BytesOfHex(fragment.substr(1, 2));
    if (fragment[0] == '%' && byte.has_value() && !byte->empty()) {
      out += *byte;
      fragment.remove_prefix(3);
    } else {
      out += fragment[0];
      fragment.remove_prefix(1);
    }
  }
  return out;
}

// Returns null if `ref` points to nothing within `root`.
const JsonValue* Resolve(absl::string_view ref, const JsonValue& root) {
  if (!absl::ConsumePrefix(&ref, "#")) return nullptr;
  const std::string path = Unescape(ref);
  const rapidjson::Pointer pointer(path.data(), path.size());
  return pointer.IsValid() ? pointer.Get(root) : nullptr;
}

absl::Status AddRef(absl::string_view ref, const JsonValue& root,
                    SchemaRefs& refs) {
  if (refs.contains(ref)) return absl::OkStatus();
  if (refs.size() == kMaxRefs) {
    return Invalid(absl::StrCat("more than ", kMaxRefs, " different $ref"));
  }
  const JsonValue* target = Resolve(ref, root);
  if (target == nullptr) {
    return Invalid(absl::StrCat("$ref `", BoundedUtf8(ref, kMaxShownBytes),
                                "` does not name a place in the schema"));
  }
  refs[ref] = target;
  return absl::OkStatus();
}

// Resolves every $ref in `value`, which is a part of `root`. The keys of `refs`
// are views into the schema, so they live as long as its parser.
absl::Status AddRefs(const JsonValue& value, const JsonValue& root,
                     SchemaRefs& refs) {
  absl::Status status;
  if (value.IsArray()) {
    for (const JsonValue& element : value.GetArray()) {
      if (status.ok()) status = AddRefs(element, root, refs);
    }
  } else if (value.IsObject()) {
    const JsonValue* ref = Member(&value, "$ref");
    if (ref != nullptr && ref->IsString()) {
      status = AddRef(TextOf(ref), root, refs);
    }
    for (const auto& member : value.GetObject()) {
      if (status.ok()) status = AddRefs(member.value, root, refs);
    }
  }
  return status;
}

// The parser, and with it every value that `refs_` points to, lives as long as
// the schema and never changes after Compile.
class Schema final : public JsonSchema {
 public:
  absl::Status Compile(absl::string_view text) {
    root_ = parser_.Parse(text);
    if (root_ == nullptr) return Invalid("not valid JSON");
    return AddRefs(*root_, *root_, refs_);
  }

  absl::Status Check(absl::string_view json) const override {
    return *CheckWithin(json, SchemaChecker::kMaxWork);
  }

  std::optional<absl::Status> CheckQuickly(
      absl::string_view json) const override {
    if (json.size() > kQuickBytes) return std::nullopt;
    return CheckWithin(json, kQuickWork);
  }

 private:
  // Returns nothing if the check needs more than `max_work`, unless that is
  // already the highest bound.
  std::optional<absl::Status> CheckWithin(absl::string_view json,
                                          size_t max_work) const {
    JsonParser parser;
    const JsonValue* value = parser.Parse(json);
    if (value == nullptr) return Invalid("the whole: is not valid JSON");
    if (IsDeeperThan(*value, kMaxJsonDepth)) {
      return Invalid("the whole: is nested too deeply");
    }
    SchemaChecker checker(*root_, refs_, max_work);
    if (checker.Check(*value)) return absl::OkStatus();
    if (checker.gave_up() && max_work < SchemaChecker::kMaxWork) {
      return std::nullopt;
    }
    return Invalid(checker.complaint());
  }

  JsonParser parser_;
  const JsonValue* root_ = nullptr;
  SchemaRefs refs_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<JsonSchema>> JsonSchema::Compile(
    absl::string_view schema) {
  if (schema.size() > kMaxSchemaBytes) {
    return Invalid(absl::StrCat("longer than ", kMaxSchemaBytes, " bytes"));
  }
  if (auto status = CheckJsonObject(schema); !status.ok()) return status;
  auto compiled = std::make_unique<Schema>();
  if (auto status = compiled->Compile(schema); !status.ok()) return status;
  return compiled;
}

}  // namespace holysheep
