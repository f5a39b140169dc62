#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"
#include "json/json_dom.h"

// An upper bound on how long a step of a SchemaChecker takes, in units of about
// twenty short comparisons. Pure functions. Internal to SchemaChecker.
namespace holysheep {

// The work of reading `text` once. At least 1.
size_t WorkOf(absl::string_view text);

// The work of finding the member `name`: RapidJSON compares the members' names
// one by one.
size_t WorkOfLookUp(const JsonValue& object, absl::string_view name);

// The work of comparing any value with `value`, which is nested no deeper than
// kMaxJsonDepth.
size_t WorkOfComparing(const JsonValue& value);

}  // namespace holysheep
