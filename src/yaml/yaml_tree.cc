#include "yaml/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/errors.h"

namespace holysheep {
namespace {

// The configuration of the service has four levels.
constexpr size_t kMaxDepth = 16;

absl::Status Refuse(int line, absl::string_view reason) {
  return MakeError(Reason::kInvalidArgument, absl::StrCat(line, ": ", reason));
}

// Builds the tree from the parser's events. `levels_` are the containers that
// are open, outermost first. After the first error all events are ignored, so
// the remaining functions may assume a consistent state.
class TreeBuilder final : public YAML::EventHandler {
 public:
  bool ok() const { return error_.ok(); }

  absl::StatusOr<YamlNode> Take() && {
    if (!error_.ok()) return error_;
    return std::move(root_);
  }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) Fail(mark, "only one YAML document is allowed");
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    Add(MakeNode(YamlNode::Kind::kNull, mark), mark);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    Fail(mark, "YAML aliases are not supported");
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                const std::string& value) override {
    CheckTag(mark, tag);
    YamlNode node = MakeNode(YamlNode::Kind::kScalar, mark);
    node.text = value;
    node.quoted = tag == "!";
    Add(std::move(node), mark);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                       YAML::anchor_t, YAML::EmitterStyle::value) override {
    Open(YamlNode::Kind::kList, mark, tag);
  }
  void OnSequenceEnd() override { Close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag,
                  YAML::anchor_t, YAML::EmitterStyle::value) override {
    Open(YamlNode::Kind::kMapping, mark, tag);
  }
  void OnMapEnd() override { Close(); }

 private:
  // A container that is not complete yet.
  struct Level {
    YamlNode node;
    // The key of a mapping whose value has not arrived.
    std::optional<YamlNode> key;
  };

  static YamlNode MakeNode(YamlNode::Kind kind, const YAML::Mark& mark) {
    YamlNode node;
    node.kind = kind;
    node.line = mark.line + 1;
    return node;
  }

  void Fail(const YAML::Mark& mark, absl::string_view reason) {
    if (error_.ok()) error_ = Refuse(mark.line + 1, reason);
  }

  // yaml-cpp gives a plain scalar the tag "?", a quoted one "!".
  void CheckTag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") {
      Fail(mark, "YAML tags are not supported");
    }
  }

  void Open(YamlNode::Kind kind, const YAML::Mark& mark,
            const std::string& tag) {
    CheckTag(mark, tag);
    if (levels_.size() >= kMaxDepth) {
      Fail(mark, absl::StrCat("nested more than ", kMaxDepth, " levels deep"));
    }
    if (error_.ok()) levels_.push_back({MakeNode(kind, mark), std::nullopt});
  }

  void Close() {
    if (!error_.ok()) return;
    YamlNode node = std::move(levels_.back().node);
    levels_.pop_back();
    YAML::Mark mark;
    mark.line = node.line - 1;
    Add(std::move(node), mark);
  }

  void Add(YamlNode node, const YAML::Mark& mark) {
    if (!error_.ok()) return;
    if (levels_.empty()) {
      root_ = std::move(node);
      return;
    }
    Level& level = levels_.back();
    if (level.node.kind == YamlNode::Kind::kMapping && !level.key) {
      if (node.kind != YamlNode::Kind::kScalar) {
        Fail(mark,
             "a key must be a plain word; put a text that begins with { in "
             "quotes");
      }
      level.key = std::move(node);
      return;
    }
    if (level.key) {
      node.key = std::move(level.key->text);
      node.line = level.key->line;
      level.key.reset();
    }
    level.node.children.push_back(std::move(node));
  }

  absl::Status error_;
  int documents_ = 0;
  YamlNode root_;
  std::vector<Level> levels_;
};

// yaml-cpp throws; nothing of that leaves this file.
absl::StatusOr<YamlNode> Parse(const std::string& text) {
  TreeBuilder builder;
  try {
    std::istringstream stream(text);
    YAML::Parser parser(stream);
    // For some broken texts the parser returns documents for ever.
    while (builder.ok() && parser.HandleNextDocument(builder)) continue;
  } catch (const YAML::Exception& error) {
    return Refuse(error.mark.line + 1,
                  absl::StrCat("is not YAML: ", error.msg));
  }
  return std::move(builder).Take();
}

}  // namespace

absl::StatusOr<YamlNode> ParseYaml(absl::string_view text) {
  // yaml-cpp takes some of them for the end of the file.
  const auto control =
      std::find_if(text.begin(), text.end(), [](unsigned char c) {
        return absl::ascii_iscntrl(c) && !absl::ascii_isspace(c);
      });
  if (control != text.end()) {
    const auto line_ends = std::count(text.begin(), control, '\n');
    return Refuse(static_cast<int>(line_ends) + 1, "has a control character");
  }
  // An open quote is noticed only if the last line has no line end.
  const absl::string_view stripped = absl::StripTrailingAsciiWhitespace(text);
  absl::StatusOr<YamlNode> tree = Parse(std::string(stripped));
  if (!tree.ok() || stripped.size() == text.size()) return tree;
  // A block of text keeps its last line end; a comment restores that.
  return Parse(absl::StrCat(stripped, "\n#"));
}

}  // namespace holysheep
