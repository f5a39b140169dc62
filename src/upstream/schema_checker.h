#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "upstream/json_dom.h"

namespace holysheep {

// What the local reference `ref` points to in the schema `root`; null if it is
// none or points to nothing.
const JsonValue* ResolveRef(absl::string_view ref, const JsonValue& root);

// One check of one value against the schema `root`, which may be any JSON at
// all with references that ResolveRef can resolve. Internal to JsonSchema.
class SchemaChecker {
 public:
  explicit SchemaChecker(const JsonValue& root) : root_(root) {}

  // Whether `value` matches `schema`, which is a part of the root.
  bool Check(const JsonValue& schema, const JsonValue& value);
  // What was wrong, after a Check that failed.
  const std::string& complaint() const { return complaint_; }

 private:
  bool CheckKeywords(const JsonValue& schema, const JsonValue& value);
  bool CheckType(const JsonValue& schema, const JsonValue& value);
  bool CheckValues(const JsonValue& schema, const JsonValue& value);
  bool CheckCombined(const JsonValue& schema, const JsonValue& value);
  bool CheckObject(const JsonValue& schema, const JsonValue& value);
  bool CheckMembers(const JsonValue& schema, const JsonValue& value);
  bool CheckArray(const JsonValue& schema, const JsonValue& value);
  bool CheckNumber(const JsonValue& schema, double number);
  // How many of the schemas in `list` the value matches.
  int CountMatches(const JsonValue& list, const JsonValue& value);
  bool CheckCount(const JsonValue& schema, absl::string_view keyword,
                  size_t count);
  bool CheckAt(absl::string_view step, const JsonValue& schema,
               const JsonValue& value);
  bool Fail(absl::string_view what) {
    complaint_ = absl::StrCat(path_.empty() ? "the whole" : path_, ": ", what);
    return false;
  }

  const JsonValue& root_;
  int depth_ = 0;
  int steps_ = 0;
  std::string path_;
  std::string complaint_;
};

}  // namespace holysheep
