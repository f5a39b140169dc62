#include <algorithm>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/client/settings.h"
#include "yaml/yaml_tree.h"

namespace holysheep::cli {
namespace {

constexpr absl::string_view kSettingNames[] = {
    "address", "token", "token_file",  "tls",     "ca",
    "cert",    "key",   "server_name", "timeout", "upstream_key_file"};

absl::Status Wrong(absl::string_view path, int line,
                   absl::string_view problem) {
  return absl::InvalidArgumentError(
      absl::StrCat(path, ":", line, ": ", problem));
}

}  // namespace

absl::StatusOr<RawSettings> SettingsFromYaml(absl::string_view yaml,
                                             absl::string_view path) {
  const absl::StatusOr<YamlNode> root = ParseYaml(yaml);
  if (!root.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ":", root.status().message()));
  }
  RawSettings raw;
  if (root->kind == YamlNode::Kind::kNull) return raw;
  if (root->kind != YamlNode::Kind::kMapping) {
    return Wrong(path, root->line, "must be lines of `name: value`");
  }
  for (const YamlNode& entry : root->children) {
    const std::string& name = entry.key;
    if (std::find(std::begin(kSettingNames), std::end(kSettingNames), name) ==
        std::end(kSettingNames)) {
      return Wrong(path, entry.line,
                   absl::StrCat("unknown setting `", name, "`"));
    }
    if (entry.kind != YamlNode::Kind::kScalar) {
      return Wrong(path, entry.line,
                   absl::StrCat(name, " must be a single value"));
    }
    if (!raw.emplace(name, entry.text).second) {
      return Wrong(path, entry.line, absl::StrCat(name, " is given twice"));
    }
  }
  return raw;
}

}  // namespace holysheep::cli
