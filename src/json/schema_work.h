#pragma once

#include <cstddef>

#include "absl/strings/string_view.h"
#include "json/json_dom.h"

// How long a step of a SchemaChecker takes at most, in units of about twenty
// short comparisons. Internal to SchemaChecker.
namespace holysheep {

// Going through `text` once.
size_t WorkOf(absl::string_view text);

// Looking `name` up in an object: RapidJSON tries the members one by one.
size_t WorkOfLookUp(const JsonValue& object, absl::string_view name);

// Comparing anything with `value`, which is nested no deeper than
// kMaxJsonDepth.
size_t WorkOfComparing(const JsonValue& value);

}  // namespace holysheep
