#include "yaml/yaml_tree.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// The tree on one line: `key@line=value`.
std::string Show(const YamlNode& node) {
  std::string text =
      node.key.empty() ? "" : absl::StrCat(node.key, "@", node.line, "=");
  switch (node.kind) {
    case YamlNode::Kind::kNull:
      return text + "null";
    case YamlNode::Kind::kScalar:
      return text + (node.quoted ? "'" + node.text + "'" : node.text);
    case YamlNode::Kind::kList:
    case YamlNode::Kind::kMapping:
      break;
  }
  const bool list = node.kind == YamlNode::Kind::kList;
  text += list ? "[ " : "{ ";
  for (const YamlNode& child : node.children) text += Show(child) + " ";
  return text + (list ? "]" : "}");
}

std::string Parse(absl::string_view text) {
  const absl::StatusOr<YamlNode> tree = ParseYaml(text);
  return tree.ok() ? Show(*tree) : std::string(tree.status().message());
}

TEST(YamlTreeTest, KnowsTheLineOfEveryKey) {
  EXPECT_EQ(Parse("a: 1\n# more\nb:\n  c: [x, 'y']\nd: {e: \"\",\n    f: ~}\n"),
            "{ a@1=1 b@3={ c@4=[ x 'y' ] } d@5={ e@5='' f@6=null } }");
}

TEST(YamlTreeTest, KnowsTheLineOfEveryListItem) {
  const absl::StatusOr<YamlNode> tree = ParseYaml("- a: 1\n\n- b\n-\n- [c]\n");
  ASSERT_TRUE(tree.ok());
  ASSERT_EQ(tree->children.size(), 4u);
  EXPECT_EQ(tree->children[0].line, 1);
  EXPECT_EQ(tree->children[1].line, 3);
  EXPECT_EQ(tree->children[3].line, 5);
}

TEST(YamlTreeTest, KeepsRepeatedKeys) {
  EXPECT_EQ(Parse("a: 1\na: 2\n"), "{ a@1=1 a@2=2 }");
}

TEST(YamlTreeTest, ABlockOfTextKeepsTheEndOfItsLastLine) {
  EXPECT_EQ(Parse("a: |\n  b\nc: |\n  d\n"), "{ a@1='b\n' c@3='d\n' }");
  EXPECT_EQ(Parse("a: |\n  b"), "{ a@1='b' }");
}

TEST(YamlTreeTest, TakesAnEmptyDocumentForNull) {
  EXPECT_EQ(Parse(""), "null");
  EXPECT_EQ(Parse("# nothing\n"), "null");
  EXPECT_EQ(Parse("---\n"), "null");
}

TEST(YamlTreeTest, RefusesWhatAConfigurationHasNoUseFor) {
  EXPECT_EQ(Parse("a: &x 1\nb: *x\n"), "2: YAML aliases are not supported");
  EXPECT_EQ(Parse("\na: !!str 1\n"), "2: YAML tags are not supported");
  EXPECT_EQ(Parse("a: !x {b: 1}\n"), "1: YAML tags are not supported");
  EXPECT_EQ(Parse("a: 1\n---\nb: 1\n"), "2: only one YAML document is allowed");
  EXPECT_EQ(Parse("? [a]\n: 1\n"),
            "1: a key must be a plain word; put a text that begins with { in "
            "quotes");
  EXPECT_EQ(Parse("a: 1\nb: \x04\n"), "2: has a control character");
  EXPECT_EQ(Parse(absl::string_view("a: 1\0", 5)),
            "1: has a control character");
}

TEST(YamlTreeTest, SaysInWhichLineBrokenYamlIs) {
  EXPECT_THAT(Parse("a: 1\nb: [1, 2\nc: 3\n"), HasSubstr(": is not YAML: "));
  EXPECT_THAT(Parse("a: 1\nb: {\n"), StartsWith("2: is not YAML: "));
  EXPECT_THAT(Parse("a: 1\n  b: 2\n"), StartsWith("2: is not YAML: "));
  EXPECT_THAT(Parse("a: 'open\n"), StartsWith("1: is not YAML: "));
  EXPECT_THAT(Parse("a: \"open\n\nb: 1\n\n"), StartsWith("3: is not YAML: "));
}

TEST(YamlTreeTest, DoesNotReadDocumentsWithoutEnd) {
  EXPECT_EQ(Parse("'a\n: {b: 'c'\n? d\n: }\n"),
            "2: only one YAML document is allowed");
}

TEST(YamlTreeTest, RefusesDeepNestingAtOnce) {
  EXPECT_EQ(Parse(std::string(17, '[') + std::string(17, ']')),
            "1: nested more than 16 levels deep");
  EXPECT_THAT(Parse(std::string(100000, '[')), StartsWith("1: "));
  EXPECT_THAT(Parse(std::string(100000, '{')), StartsWith("1: "));
}

TEST(YamlTreeTest, AnAliasBombDoesNotGoOff) {
  std::string bomb = "a: &a [x]\n";
  for (int i = 0; i < 30; ++i) absl::StrAppend(&bomb, "b: &a [*a, *a, *a]\n");
  EXPECT_EQ(Parse(bomb), "2: YAML aliases are not supported");
}

}  // namespace
}  // namespace holysheep
