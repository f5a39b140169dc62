#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace holysheep {

// A YAML document as a plain tree that knows its lines: the service's
// configuration, and the client's settings and workflows. A value.
struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMapping };

  // Scalars are not interpreted: their readers decide what `1`, `true` or `~`
  // means.
  Kind kind = Kind::kNull;
  // The key, if the node is a member of a mapping.
  std::string key;
  // The line of the key or, without one, of the value; from 1, 0 if unknown.
  int line = 0;
  // The text of a scalar, and whether it was quoted.
  std::string text;
  bool quoted = false;
  // The members of a list or mapping in the order of the file, repeated keys
  // included. A repeated key is for the reader to refuse.
  std::vector<YamlNode> children;
};

// Reads one YAML document; an empty one is null. Refuses what those files do
// not need and what could make it large: aliases, tags, keys that are not
// scalars, several documents, deep nesting. Errors read `line: reason`.
// INVALID_ARGUMENT for all of these. Linear in `text`; the caller bounds its
// size. Pure.
absl::StatusOr<YamlNode> ParseYaml(absl::string_view text);

}  // namespace holysheep
