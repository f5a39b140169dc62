#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/client/settings.h"

namespace holysheep::cli {
namespace {

constexpr absl::string_view kNames[] = {
    "address", "token", "token_file",  "tls",     "ca",
    "cert",    "key",   "server_name", "timeout", "upstream_key_file"};

absl::Status Wrong(absl::string_view path, const YAML::Mark& mark,
                   absl::string_view problem) {
  return absl::InvalidArgumentError(
      absl::StrCat(path, ":", mark.line + 1, ": ", problem));
}

absl::StatusOr<RawSettings> ReadMapping(const YAML::Node& root,
                                        absl::string_view path) {
  RawSettings raw;
  for (const auto& entry : root) {
    const YAML::Mark mark = entry.first.Mark();
    const std::string name = entry.first.Scalar();
    if (std::find(std::begin(kNames), std::end(kNames), name) ==
        std::end(kNames)) {
      return Wrong(path, mark, absl::StrCat("unknown setting `", name, "`"));
    }
    if (!entry.second.IsScalar()) {
      return Wrong(path, mark, absl::StrCat(name, " must be a single value"));
    }
    if (!raw.emplace(name, entry.second.Scalar()).second) {
      return Wrong(path, mark, absl::StrCat(name, " is given twice"));
    }
  }
  return raw;
}

}  // namespace

absl::StatusOr<RawSettings> SettingsFromYaml(absl::string_view yaml,
                                             absl::string_view path) {
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    if (root.IsNull()) return RawSettings();
    if (!root.IsMap()) {
      return Wrong(path, root.Mark(), "must be lines of `name: value`");
    }
    return ReadMapping(root, path);
  } catch (const YAML::Exception& error) {
    return Wrong(path, error.mark, error.msg);
  }
}

}  // namespace holysheep::cli
