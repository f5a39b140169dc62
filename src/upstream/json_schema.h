#pragma once

#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace holysheep {

// Checks JSON texts against a JSON Schema. It knows, of all drafts alike:
//   type, enum, const, allOf, anyOf, oneOf, not, $ref within the schema,
//   properties, required, additionalProperties, minProperties, maxProperties,
//   items, prefixItems, minItems, maxItems, minLength, maxLength, minimum,
//   maximum, exclusiveMinimum, exclusiveMaximum, and true and false as schemas.
// Anything else (pattern, format, uniqueItems, ...) is not checked, nor are
// additionalProperties beside patternProperties. Immutable: any thread.
//
// Not RapidJSON's own validator, which knows draft 4 only and trusts its
// schema, while these come from callers.
class JsonSchema {
 public:
  virtual ~JsonSchema() = default;

  // INVALID_ARGUMENT if `schema` is no JSON object, or refers to anything
  // outside itself or to nothing.
  static absl::StatusOr<std::unique_ptr<JsonSchema>> Compile(
      absl::string_view schema);

  // OK, or INVALID_ARGUMENT naming the first place in `json` that is at fault,
  // as a JSON Pointer.
  virtual absl::Status Check(absl::string_view json) const = 0;
};

}  // namespace holysheep
