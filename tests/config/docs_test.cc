// docs/configuration.md says what the service does.
#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "config/load.h"
#include "config_fixture.h"
#include "equal_configs.h"
#include "gmock/gmock.h"
#include "yaml/yaml_tree.h"

namespace holysheep::config {
namespace {

std::string Document() {
  std::ifstream file(HOLYSHEEP_CONFIGURATION_MD);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The first column of the table of keys.
std::vector<std::string> DocumentedKeys() {
  std::set<std::string> keys;
  std::istringstream lines(Document());
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("| `", 0) != 0) continue;
    keys.insert(line.substr(3, line.find('`', 3) - 3));
  }
  return {keys.begin(), keys.end()};
}

std::string DocumentedFile() {
  const std::string text = Document();
  const std::string fence = "```yaml\n";
  const size_t begin = text.find(fence) + fence.size();
  return text.substr(begin, text.find("```", begin) - begin);
}

// Sections and lists of mappings are described by their members.
std::vector<std::string> KeysOfValues() {
  const std::vector<std::string> keys = ConfigKeys();
  std::vector<std::string> values;
  for (const std::string& key : keys) {
    const bool container =
        std::any_of(keys.begin(), keys.end(), [&key](const std::string& other) {
          return other.rfind(key + ".", 0) == 0 ||
                 other.rfind(key + "[]", 0) == 0;
        });
    if (!container) values.push_back(key);
  }
  return values;
}

TEST(DocumentTest, DescribesExactlyTheKeysThatThereAre) {
  EXPECT_THAT(DocumentedKeys(), testing::ElementsAreArray(KeysOfValues()));
  EXPECT_FALSE(DocumentedKeys().empty());
}

class DocumentedFileTest : public ConfigTest {};

TEST_F(DocumentedFileTest, HoldsTheBuiltInDefaults) {
  const absl::StatusOr<Config> documented = Load(DocumentedFile());
  const absl::StatusOr<Config> built_in = LoadWithoutFile();
  ASSERT_TRUE(documented.ok()) << documented.status();
  ASSERT_TRUE(built_in.ok()) << built_in.status();
  ExpectEqual(*documented, *built_in);
}

// Otherwise the test above could not tell a default from an absent key.
TEST_F(DocumentedFileTest, NamesEveryKeyOutsideOfLists) {
  const absl::StatusOr<YamlNode> tree = ParseYaml(DocumentedFile());
  ASSERT_TRUE(tree.ok());
  std::set<std::string> named;
  for (const YamlNode& member : tree->children) {
    if (member.kind != YamlNode::Kind::kMapping) named.insert(member.key);
    for (const YamlNode& child : member.children) {
      named.insert(member.key + "." + child.key);
    }
  }
  for (const std::string& key : KeysOfValues()) {
    if (key.find("[]") != std::string::npos) continue;
    // Its default depends on the machine.
    if (key == "limits.max_memory") continue;
    EXPECT_TRUE(named.count(key) == 1) << key;
  }
}

}  // namespace
}  // namespace holysheep::config
