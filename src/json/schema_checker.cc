#include "json/schema_checker.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/utf8.h"
#include "json/schema_work.h"

namespace holysheep {
namespace {

// Invariants: every step spends work in proportion to what it reads of the
// schema or the value, so that a check ends after max_work_ units whatever the
// input. Once `gave_up_` is set, Spend refuses for ever and all results on the
// way out are void. `path_` is restored by whoever extends it, and `depth_` by
// Matches, so that siblings start from the same state.

// Frames are small, so that this is far below any stack.
constexpr int kMaxDepth = 192;
// Complaints end up in prompts and in error messages.
constexpr size_t kMaxPathBytes = 200;
constexpr size_t kMaxNameBytes = 64;

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

// Characters, not bytes: counts the bytes that begin one.
size_t CountCharacters(absl::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

}  // namespace

bool SchemaChecker::Check(const JsonValue& value) {
  const bool ok = Matches(root_, value);
  if (!gave_up_) return ok;
  // The result of the check is void: a `not` around the fault may have inverted
  // it.
  complaint_ = "the whole: the schema takes too long to check";
  return false;
}

bool SchemaChecker::Matches(const JsonValue& schema, const JsonValue& value) {
  if (!Spend(1)) return false;
  if (schema.IsBool()) return schema.GetBool() || Fail("must not be present");
  if (!schema.IsObject()) return true;
  if (depth_ >= kMaxDepth) return GiveUp();
  ++depth_;
  const bool ok = CheckKeywords(schema, value);
  --depth_;
  return ok;
}

bool SchemaChecker::CheckKeywords(const JsonValue& schema,
                                  const JsonValue& value) {
  // Each keyword below is searched for among the schema's members.
  if (!Spend(schema.MemberCount()) || !CheckRef(schema, value) ||
      !CheckType(schema, value) || !CheckValues(schema, value) ||
      !CheckCombined(schema, value)) {
    return false;
  }
  if (value.IsObject()) return CheckObject(schema, value);
  if (value.IsArray()) return CheckArray(schema, value);
  if (value.IsNumber()) return CheckNumber(schema, value.GetDouble());
  return !value.IsString() || CheckString(schema, TextOf(&value));
}

bool SchemaChecker::CheckRef(const JsonValue& schema, const JsonValue& value) {
  const JsonValue* ref = Member(&schema, "$ref");
  if (ref == nullptr || !ref->IsString()) return true;
  if (!Spend(WorkOf(TextOf(ref)))) return false;
  return Matches(*refs_.at(TextOf(ref)), value);
}

bool SchemaChecker::CheckType(const JsonValue& schema, const JsonValue& value) {
  const JsonValue* type = Member(&schema, "type");
  if (type == nullptr) return true;
  if (!type->IsArray()) {
    return HasType(value, TextOf(type)) ||
           Fail(absl::StrCat("must be of type ", TextOf(type)));
  }
  if (!Spend(type->Size())) return false;
  for (const JsonValue& one : type->GetArray()) {
    if (HasType(value, TextOf(&one))) return true;
  }
  return Fail("is of none of the allowed types");
}

bool SchemaChecker::CheckValues(const JsonValue& schema,
                                const JsonValue& value) {
  // Not by Member, because null is a value here.
  const auto only = schema.FindMember("const");
  if (only != schema.MemberEnd()) {
    if (!Spend(WorkOfComparing(only->value))) return false;
    if (only->value != value) return Fail("is not the only allowed value");
  }
  const JsonValue* allowed = Member(&schema, "enum");
  if (allowed == nullptr || !allowed->IsArray()) return true;
  for (const JsonValue& one : allowed->GetArray()) {
    if (!Spend(WorkOfComparing(one))) return false;
    if (one == value) return true;
  }
  return Fail("is none of the allowed values");
}

bool SchemaChecker::CheckCombined(const JsonValue& schema,
                                  const JsonValue& value) {
  if (const JsonValue* all = Member(&schema, "allOf");
      all != nullptr && all->IsArray()) {
    for (const JsonValue& one : all->GetArray()) {
      if (!Matches(one, value)) return false;
    }
  }
  if (const JsonValue* any = Member(&schema, "anyOf");
      any != nullptr && any->IsArray() && CountMatches(*any, value, 1) == 0) {
    return Fail("matches none of the alternatives of anyOf");
  }
  if (const JsonValue* one = Member(&schema, "oneOf");
      one != nullptr && one->IsArray() && CountMatches(*one, value, 2) != 1) {
    return Fail("does not match exactly one of the alternatives of oneOf");
  }
  if (const JsonValue* unwanted = Member(&schema, "not");
      unwanted != nullptr && Matches(*unwanted, value)) {
    return Fail("matches what it must not");
  }
  return true;
}

// Stops at `enough` matches: anyOf needs one, oneOf has failed at two.
int SchemaChecker::CountMatches(const JsonValue& list, const JsonValue& value,
                                int enough) {
  int matches = 0;
  for (const JsonValue& one : list.GetArray()) {
    if (Matches(one, value)) ++matches;
    if (matches == enough || gave_up_) break;
  }
  return matches;
}

bool SchemaChecker::CheckObject(const JsonValue& schema,
                                const JsonValue& value) {
  if (const JsonValue* required = Member(&schema, "required");
      required != nullptr && required->IsArray()) {
    for (const JsonValue& element : required->GetArray()) {
      const absl::string_view name = TextOf(&element);
      if (!Spend(WorkOfLookUp(value, name))) return false;
      if (element.IsString() && !value.HasMember(element)) {
        return Fail(absl::StrCat("lacks the member `",
                                 BoundedUtf8(name, kMaxNameBytes), "`"));
      }
    }
  }
  return CheckCount(schema, "minProperties", value.MemberCount()) &&
         CheckCount(schema, "maxProperties", value.MemberCount()) &&
         CheckMembers(schema, value);
}

// With patternProperties the additional members are unknown, because patterns
// are not evaluated, so that additionalProperties is not applied.
bool SchemaChecker::CheckMembers(const JsonValue& schema,
                                 const JsonValue& value) {
  const JsonValue* properties = Member(&schema, "properties");
  if (properties != nullptr && !properties->IsObject()) properties = nullptr;
  const JsonValue* others = Member(&schema, "patternProperties") != nullptr
                                ? nullptr
                                : Member(&schema, "additionalProperties");
  if (properties == nullptr && others == nullptr) return true;
  for (const auto& member : value.GetObject()) {
    const absl::string_view name = TextOf(&member.name);
    const JsonValue* its = nullptr;
    if (properties != nullptr) {
      if (!Spend(WorkOfLookUp(*properties, name))) return false;
      its = Member(properties, name);
    }
    if (its == nullptr) its = others;
    if (its != nullptr && !MatchesAt(name, *its, member.value)) return false;
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
  const rapidjson::SizeType firsts =
      first != nullptr && first->IsArray() ? first->Size() : 0;
  for (rapidjson::SizeType i = 0; i < value.Size(); ++i) {
    const JsonValue* its = i < firsts ? &(*first)[i] : items;
    if (its == nullptr) break;
    if (!MatchesAt(absl::StrCat(i), *its, value[i])) return false;
  }
  return true;
}

bool SchemaChecker::CheckNumber(const JsonValue& schema, double number) {
  const auto bound = [&schema](absl::string_view name) {
    const JsonValue* value = Member(&schema, name);
    return value != nullptr && value->IsNumber() ? value->GetDouble() : NAN;
  };
  // In draft 4 a flag that modifies `minimum`, since draft 6 a bound of its
  // own.
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

bool SchemaChecker::CheckString(const JsonValue& schema,
                                absl::string_view text) {
  if (!Spend(WorkOf(text))) return false;
  const size_t length = CountCharacters(text);
  return CheckCount(schema, "minLength", length) &&
         CheckCount(schema, "maxLength", length);
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

bool SchemaChecker::MatchesAt(absl::string_view step, const JsonValue& schema,
                              const JsonValue& value) {
  if (!Spend(WorkOf(step))) return false;
  const size_t size = path_.size();
  absl::StrAppend(&path_, "/",
                  absl::StrReplaceAll(step, {{"~", "~0"}, {"/", "~1"}}));
  const bool ok = Matches(schema, value);
  path_.resize(size);
  return ok;
}

// The last fault wins: alternatives that fail first are overwritten by the
// complaint of the keyword around them.
bool SchemaChecker::Fail(absl::string_view what) {
  const std::string place =
      path_.empty() ? "the whole" : BoundedUtf8(path_, kMaxPathBytes);
  complaint_ = absl::StrCat(place, path_.size() > kMaxPathBytes ? "..." : "",
                            ": ", what);
  return false;
}

bool SchemaChecker::Spend(size_t work) {
  work_ += work;
  return work_ <= max_work_ || GiveUp();
}

bool SchemaChecker::GiveUp() {
  gave_up_ = true;
  work_ = max_work_;
  return false;
}

}  // namespace holysheep
