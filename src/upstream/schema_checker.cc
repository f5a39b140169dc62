#include "upstream/schema_checker.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "rapidjson/pointer.h"

namespace holysheep {
namespace {

// Schemas that refer to themselves could nest and branch without end.
constexpr int kMaxDepth = 192;
constexpr int kMaxSteps = 1'000'000;

// A URI fragment without its escapes; those that are none stay.
std::string Unescape(absl::string_view fragment) {
  std::string out;
  while (!fragment.empty()) {
    const absl::string_view digits = fragment.substr(1).substr(0, 2);
    if (fragment[0] == '%' && digits.size() == 2 &&
        std::all_of(digits.begin(), digits.end(), absl::ascii_isxdigit)) {
      out += absl::HexStringToBytes(digits);
      fragment.remove_prefix(3);
    } else {
      out += fragment[0];
      fragment.remove_prefix(1);
    }
  }
  return out;
}

bool HasType(const JsonValue& value, absl::string_view type) {
  if (type == "object") return value.IsObject();
  if (type == "array") return value.IsArray();
  if (type == "string") return value.IsString();
  if (type == "boolean") return value.IsBool();
  if (type == "null") return value.IsNull();
  if (type == "number") return value.IsNumber();
  if (type != "integer") return true;
  return value.IsInt64() || value.IsUint64() ||
         (value.IsDouble() &&
          std::floor(value.GetDouble()) == value.GetDouble());
}

size_t CountCharacters(absl::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

const JsonValue* ResolveRef(absl::string_view ref, const JsonValue& root) {
  if (!absl::ConsumePrefix(&ref, "#")) return nullptr;
  const std::string path = Unescape(ref);
  const rapidjson::Pointer pointer(path.data(), path.size());
  return pointer.IsValid() ? pointer.Get(root) : nullptr;
}

bool SchemaChecker::Check(const JsonValue& schema, const JsonValue& value) {
  if (schema.IsBool()) return schema.GetBool() || Fail("must not be there");
  if (++steps_ > kMaxSteps || depth_ >= kMaxDepth) {
    return Fail("the schema takes too long to check");
  }
  ++depth_;
  const bool ok = CheckKeywords(schema, value);
  --depth_;
  return ok;
}

bool SchemaChecker::CheckKeywords(const JsonValue& schema,
                                  const JsonValue& value) {
  const absl::string_view ref = TextOf(Member(&schema, "$ref"));
  if (!ref.empty() && !Check(*ResolveRef(ref, root_), value)) return false;
  if (!CheckType(schema, value) || !CheckValues(schema, value) ||
      !CheckCombined(schema, value)) {
    return false;
  }
  if (value.IsObject()) return CheckObject(schema, value);
  if (value.IsArray()) return CheckArray(schema, value);
  if (value.IsNumber()) return CheckNumber(schema, value.GetDouble());
  if (!value.IsString()) return true;
  const size_t length = CountCharacters(TextOf(&value));
  return CheckCount(schema, "minLength", length) &&
         CheckCount(schema, "maxLength", length);
}

bool SchemaChecker::CheckType(const JsonValue& schema, const JsonValue& value) {
  const JsonValue* type = Member(&schema, "type");
  if (type == nullptr) return true;
  if (!type->IsArray()) {
    return HasType(value, TextOf(type)) ||
           Fail(absl::StrCat("must be of type ", TextOf(type)));
  }
  for (const JsonValue& one : type->GetArray()) {
    if (HasType(value, TextOf(&one))) return true;
  }
  return Fail("is of none of the allowed types");
}

bool SchemaChecker::CheckValues(const JsonValue& schema,
                                const JsonValue& value) {
  // Not by Member, because null is a value here.
  if (schema.IsObject() && schema.HasMember("const") &&
      schema["const"] != value) {
    return Fail("is not the only allowed value");
  }
  const JsonValue* allowed = Member(&schema, "enum");
  if (allowed == nullptr || !allowed->IsArray()) return true;
  for (const JsonValue& one : allowed->GetArray()) {
    if (one == value) return true;
  }
  return Fail("is none of the allowed values");
}

bool SchemaChecker::CheckCombined(const JsonValue& schema,
                                  const JsonValue& value) {
  if (const JsonValue* all = Member(&schema, "allOf");
      all != nullptr && all->IsArray()) {
    for (const JsonValue& one : all->GetArray()) {
      if (!Check(one, value)) return false;
    }
  }
  if (const JsonValue* any = Member(&schema, "anyOf");
      any != nullptr && any->IsArray() && CountMatches(*any, value) == 0) {
    return Fail("matches none of the alternatives of anyOf");
  }
  if (const JsonValue* one = Member(&schema, "oneOf");
      one != nullptr && one->IsArray() && CountMatches(*one, value) != 1) {
    return Fail("does not match exactly one of the alternatives of oneOf");
  }
  if (const JsonValue* unwanted = Member(&schema, "not");
      unwanted != nullptr && Check(*unwanted, value)) {
    return Fail("matches what it must not");
  }
  return true;
}

int SchemaChecker::CountMatches(const JsonValue& list, const JsonValue& value) {
  int matches = 0;
  for (const JsonValue& one : list.GetArray()) {
    matches += Check(one, value) ? 1 : 0;
  }
  return matches;
}

bool SchemaChecker::CheckObject(const JsonValue& schema,
                                const JsonValue& value) {
  if (const JsonValue* required = Member(&schema, "required");
      required != nullptr && required->IsArray()) {
    for (const JsonValue& name : required->GetArray()) {
      if (name.IsString() && !value.HasMember(name)) {
        return Fail(absl::StrCat("lacks the member `", TextOf(&name), "`"));
      }
    }
  }
  return CheckCount(schema, "minProperties", value.MemberCount()) &&
         CheckCount(schema, "maxProperties", value.MemberCount()) &&
         CheckMembers(schema, value);
}

bool SchemaChecker::CheckMembers(const JsonValue& schema,
                                 const JsonValue& value) {
  const JsonValue* properties = Member(&schema, "properties");
  const JsonValue* others = Member(&schema, "patternProperties") != nullptr
                                ? nullptr
                                : Member(&schema, "additionalProperties");
  for (const auto& member : value.GetObject()) {
    const absl::string_view name = TextOf(&member.name);
    const JsonValue* its = Member(properties, name);
    if (its == nullptr) its = others;
    if (its != nullptr && !CheckAt(name, *its, member.value)) return false;
  }
  return true;
}

bool SchemaChecker::CheckArray(const JsonValue& schema,
                               const JsonValue& value) {
  if (!CheckCount(schema, "minItems", value.Size()) ||
      !CheckCount(schema, "maxItems", value.Size())) {
    return false;
  }
  // Before draft 2020 a list of schemas was called `items` too.
  const JsonValue* items = Member(&schema, "items");
  const JsonValue* first = Member(&schema, "prefixItems");
  if (items != nullptr && items->IsArray()) {
    first = items;
    items = Member(&schema, "additionalItems");
  }
  const bool has_first = first != nullptr && first->IsArray();
  for (rapidjson::SizeType i = 0; i < value.Size(); ++i) {
    const JsonValue* its =
        has_first && i < first->Size() ? &(*first)[i] : items;
    if (its != nullptr && !CheckAt(absl::StrCat(i), *its, value[i])) {
      return false;
    }
  }
  return true;
}

bool SchemaChecker::CheckNumber(const JsonValue& schema, double number) {
  const auto bound = [&schema](absl::string_view name) {
    const JsonValue* value = Member(&schema, name);
    return value != nullptr && value->IsNumber() ? value->GetDouble() : NAN;
  };
  // In draft 4 a flag beside `minimum`, later a bound of its own.
  const auto flag = [&schema](absl::string_view name) {
    const JsonValue* value = Member(&schema, name);
    return value != nullptr && value->IsTrue();
  };
  const double minimum = bound("minimum");
  const double maximum = bound("maximum");
  // A comparison with NAN, which stands for no bound, is false.
  if (number < minimum || number <= bound("exclusiveMinimum") ||
      (flag("exclusiveMinimum") && number == minimum)) {
    return Fail("is too small");
  }
  if (number > maximum || number >= bound("exclusiveMaximum") ||
      (flag("exclusiveMaximum") && number == maximum)) {
    return Fail("is too large");
  }
  return true;
}

bool SchemaChecker::CheckCount(const JsonValue& schema,
                               absl::string_view keyword, size_t count) {
  const auto bound = CountOf(Member(&schema, keyword));
  if (!bound.has_value()) return true;
  const auto actual = static_cast<int64_t>(count);
  const bool is_minimum = absl::StartsWith(keyword, "min");
  return (is_minimum ? actual >= *bound : actual <= *bound) ||
         Fail(absl::StrCat("breaks ", keyword, " ", *bound));
}

bool SchemaChecker::CheckAt(absl::string_view step, const JsonValue& schema,
                            const JsonValue& value) {
  const size_t size = path_.size();
  absl::StrAppend(&path_, "/", step);
  const bool ok = Check(schema, value);
  path_.resize(size);
  return ok;
}

}  // namespace holysheep
