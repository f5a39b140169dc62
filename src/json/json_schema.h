#pragma once

#include <memory>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace holysheep {

// Checks JSON texts against a JSON Schema. It knows, of all drafts alike:
//   type, enum, const, allOf, anyOf, oneOf, not, $ref within the schema,
//   properties, required, additionalProperties, minProperties, maxProperties,
//   items, prefixItems, minItems, maxItems, minLength, maxLength, minimum,
//   maximum, exclusiveMinimum, exclusiveMaximum, and true and false as schemas.
// Anything else (pattern, format, uniqueItems, if, ...) is not checked, nor are
// additionalProperties where patternProperties is present. Immutable: any
// thread.
//
// Schemas come from callers and answers from models, so both may be anything:
// the time of a check is bounded, and docs/adr/0006-json-schema-checker.md says
// why no library does it.
class JsonSchema {
 public:
  virtual ~JsonSchema() = default;

  // Returns INVALID_ARGUMENT if `schema` is not a JSON object, is longer than
  // 256 KiB, has a $ref that leads outside the schema or to nothing, or has
  // more than 1,000 different ones. Keywords with values of a wrong type count
  // as absent. `schema` need not outlive the result.
  static absl::StatusOr<std::unique_ptr<JsonSchema>> Compile(
      absl::string_view schema);

  // Returns OK, or INVALID_ARGUMENT naming the first place in `json` at fault,
  // as a JSON Pointer, in a few hundred bytes. A text that takes longer than a
  // fraction of a second to check is at fault as well. Belongs on a worker
  // unless the text is short.
  virtual absl::Status Check(absl::string_view json) const = 0;

  // The same, if it takes no longer than about a millisecond; otherwise
  // nothing. For the loop: texts over 16 KiB are not even begun.
  virtual std::optional<absl::Status> CheckQuickly(
      absl::string_view json) const = 0;
};

}  // namespace holysheep
