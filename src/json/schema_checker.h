#pragma once

#include <cstddef>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "json/json_dom.h"

namespace holysheep {

// The value in the schema that each `$ref` points to, by the reference's text.
using SchemaRefs = absl::flat_hash_map<absl::string_view, const JsonValue*>;

// One check of one value against the schema `root`. Both may be any JSON at
// all, nested no deeper than kMaxJsonDepth. A schema can ask for endless work,
// so the work is bounded: a value that exceeds the bound does not match. Used
// once, on one thread. Internal to JsonSchema.
class SchemaChecker {
 public:
  // In units of WorkOf: a fraction of a second, and enough for an answer of a
  // million values.
  static constexpr size_t kMaxWork = 4'000'000;

  // REQUIRES: `refs` has every `$ref` in `root` that is a string.
  SchemaChecker(const JsonValue& root, const SchemaRefs& refs,
                size_t max_work = kMaxWork)
      : root_(root), refs_(refs), max_work_(max_work) {}

  // Whether `value`, nested no deeper than kMaxJsonDepth, matches. Call it
  // once.
  bool Check(const JsonValue& value);
  // After a Check that failed: the fault as a JSON Pointer and a reason,
  // in a few hundred bytes.
  const std::string& complaint() const { return complaint_; }
  // Whether the Check failed only because it took too long.
  bool gave_up() const { return gave_up_; }

 private:
  // The Check functions below each apply some keywords of `schema` to `value`
  // and return whether it meets them; if not, they have called Fail.
  bool Matches(const JsonValue& schema, const JsonValue& value);
  bool CheckKeywords(const JsonValue& schema, const JsonValue& value);
  bool CheckRef(const JsonValue& schema, const JsonValue& value);
  bool CheckType(const JsonValue& schema, const JsonValue& value);
  bool CheckValues(const JsonValue& schema, const JsonValue& value);
  bool CheckCombined(const JsonValue& schema, const JsonValue& value);
  bool CheckObject(const JsonValue& schema, const JsonValue& value);
  bool CheckMembers(const JsonValue& schema, const JsonValue& value);
  bool CheckArray(const JsonValue& schema, const JsonValue& value);
  bool CheckNumber(const JsonValue& schema, double number);
  bool CheckString(const JsonValue& schema, absl::string_view text);
  // `keyword` begins with `min` or `max`, which decides the comparison.
  bool CheckCount(const JsonValue& schema, absl::string_view keyword,
                  size_t count);
  // Counts the schemas in `list` that the value matches, up to `enough`.
  int CountMatches(const JsonValue& list, const JsonValue& value, int enough);
  // Matches `value`, which is the member or element `step` of the current
  // value.
  bool MatchesAt(absl::string_view step, const JsonValue& schema,
                 const JsonValue& value);

  // Notes the complaint with the current place. Returns false.
  bool Fail(absl::string_view what);
  // Whether `work` more units may be done. Once they may not, none ever may.
  bool Spend(size_t work);
  // Ends the whole check. Returns false.
  bool GiveUp();

  const JsonValue& root_;
  const SchemaRefs& refs_;
  const size_t max_work_;
  // Schemas entered and not yet left; bounds the recursion.
  int depth_ = 0;
  size_t work_ = 0;
  bool gave_up_ = false;
  // The current place as a JSON Pointer.
  std::string path_;
  std::string complaint_;
};

}  // namespace holysheep
