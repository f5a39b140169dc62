#include "config/load.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "config/config_errors.h"
#include "config/file.h"
#include "config/schema.h"
#include "config/section_reader.h"
#include "yaml/yaml_tree.h"

namespace holysheep::config {
namespace {

// A catalog of thousands of models fits.
constexpr size_t kMaxFileBytes = 1 << 20;

// An empty path stands for an empty document.
absl::StatusOr<YamlNode> ReadDocument(const std::string& path) {
  if (path.empty()) return YamlNode();
  const absl::StatusOr<FileContents> file = ReadFile(path, kMaxFileBytes);
  if (!file.ok()) {
    return MakeError(Reason::kInvalidArgument,
                     absl::StrCat(path, ": ", file.status().message()));
  }
  absl::StatusOr<YamlNode> document = ParseYaml(file->text);
  if (!document.ok()) {
    return MakeError(Reason::kInvalidArgument,
                     absl::StrCat(path, ":", document.status().message()));
  }
  return document;
}

}  // namespace

absl::StatusOr<Config> LoadConfig(const LoadOptions& options) {
  const std::string path =
      options.path.empty()
          ? options.environment("HOLYSHEEP_CONFIG").value_or("")
          : options.path;
  const absl::StatusOr<YamlNode> document = ReadDocument(path);
  if (!document.ok()) return document.status();

  Config config;
  ConfigErrors problems(path);
  FieldsContext context = {options.environment, problems, nullptr};
  Fields::ReadDocument(*document, context,
                       [&](Fields& root) { ReadConfig(root, config); });
  if (absl::Status found = problems.ToStatus(); !found.ok()) return found;
  return config;
}

// Reads an empty document, and records the keys that are asked for.
std::vector<std::string> ConfigKeys() {
  const Environment nothing = [](absl::string_view) { return std::nullopt; };
  Config config;
  ConfigErrors ignored("");
  std::set<std::string> keys;
  FieldsContext context = {nothing, ignored, &keys};
  Fields::ReadDocument(YamlNode(), context,
                       [&](Fields& root) { ReadConfig(root, config); });
  return {keys.begin(), keys.end()};
}

}  // namespace holysheep::config
