#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace holysheep::config {

// A YAML document as a plain tree that knows its lines.
struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMapping };

  Kind kind = Kind::kNull;
  // Of a mapping's member: its key.
  std::string key;
  // Where the key, or else the value, begins; from 1, and 0 if nowhere.
  int line = 0;
  // Of a scalar, and whether it stood in quotes.
  std::string text;
  bool quoted = false;
  // Of a list or a mapping, in the order of the file, repeated keys too.
  std::vector<YamlNode> children;
};

// Reads one YAML document; an empty one is null. Refuses what a configuration
// has no use for and what could make it large: aliases, tags, keys that are no
// scalars, more than one document, deep nesting. Errors read `line: reason`.
absl::StatusOr<YamlNode> ParseYaml(absl::string_view text);

}  // namespace holysheep::config
