#include "cli/commands/workflow_file.h"

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/utf8.h"
#include "yaml/yaml_tree.h"

namespace holysheep::cli {
// Errors carry the line as `line: problem`; WorkflowFromYaml puts the path in
// front.

namespace {

absl::Status Wrong(int line, absl::string_view problem) {
  return absl::InvalidArgumentError(absl::StrCat(line, ": ", problem));
}

// Reads a value as yaml-cpp converts it to a T.
template <typename T>
absl::StatusOr<T> Read(const YamlNode& value, const std::string& name,
                       absl::string_view kind) {
  T read{};
  if (value.kind != YamlNode::Kind::kScalar ||
      !YAML::convert<T>::decode(YAML::Node(value.text), read)) {
    const bool braces = value.kind == YamlNode::Kind::kMapping;
    return Wrong(
        value.line,
        absl::StrCat(name, " must be ", kind,
                     braces ? "; put what begins with { in quotes" : ""));
  }
  return read;
}

absl::Status SetStepField(const std::string& name, const YamlNode& value,
                          pb::WorkflowStep& step) {
  if (name == "temperature") {
    const auto number = Read<double>(value, name, "a number");
    if (!number.ok()) return number.status();
    step.set_temperature(*number);
    return absl::OkStatus();
  }
  if (name == "max_tokens") {
    const auto number = Read<int32_t>(value, name, "a whole number");
    if (!number.ok()) return number.status();
    step.set_max_tokens(*number);
    return absl::OkStatus();
  }
  const auto text = Read<std::string>(value, name, "a text");
  if (!text.ok()) return text.status();
  if (name == "name") {
    step.set_name(*text);
  } else if (name == "prompt") {
    step.set_prompt(*text);
  } else if (name == "model") {
    step.set_model(*text);
  } else {
    return Wrong(value.line, absl::StrCat("unknown `", name,
                                          "` in a step: name, prompt, model, "
                                          "temperature or max_tokens"));
  }
  return absl::OkStatus();
}

// Calls `set` with each name and value; skips values that are not set. Shared
// by the document and its steps.
template <typename Set>
absl::Status ForEachField(const YamlNode& mapping, Set set) {
  std::set<std::string> seen;
  for (const YamlNode& entry : mapping.children) {
    const std::string& name = entry.key;
    if (!seen.insert(name).second) {
      return Wrong(entry.line, absl::StrCat(name, " is given twice"));
    }
    if (entry.kind == YamlNode::Kind::kNull) continue;
    absl::Status status = set(name, entry);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status AddSteps(const YamlNode& steps, pb::RunWorkflowRequest& workflow) {
  if (steps.kind != YamlNode::Kind::kList) {
    return Wrong(steps.line, "steps must be a list");
  }
  for (const YamlNode& node : steps.children) {
    if (node.kind != YamlNode::Kind::kMapping) {
      return Wrong(node.line, "a step must be lines of `name: value`");
    }
    pb::WorkflowStep& step = *workflow.add_steps();
    absl::Status status =
        ForEachField(node, [&](const std::string& name, const auto& value) {
          return SetStepField(name, value, step);
        });
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status SetField(const std::string& name, const YamlNode& value,
                      pb::RunWorkflowRequest& workflow) {
  if (name == "steps") return AddSteps(value, workflow);
  if (name == "query") {
    const auto text = Read<std::string>(value, name, "a text");
    if (text.ok()) workflow.set_query(*text);
    return text.status();
  }
  if (name == "stop_on_error") {
    const auto stop = Read<bool>(value, name, "true or false");
    if (stop.ok()) workflow.set_stop_on_error(*stop);
    return stop.status();
  }
  return Wrong(value.line, absl::StrCat("unknown `", name,
                                        "`: query, steps or stop_on_error"));
}

absl::Status ReadWorkflow(absl::string_view yaml,
                          pb::RunWorkflowRequest& workflow) {
  const absl::StatusOr<YamlNode> root = ParseYaml(yaml);
  if (!root.ok()) return root.status();
  if (root->kind != YamlNode::Kind::kMapping) {
    return absl::InvalidArgumentError("1: must have `query` and `steps`");
  }
  return ForEachField(*root, [&](const std::string& name, const auto& value) {
    return SetField(name, value, workflow);
  });
}

}  // namespace

absl::StatusOr<pb::RunWorkflowRequest> WorkflowFromYaml(
    absl::string_view yaml, absl::string_view path) {
  if (!IsUtf8(yaml)) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is not UTF-8"));
  }
  pb::RunWorkflowRequest workflow;
  const absl::Status status = ReadWorkflow(yaml, workflow);
  if (!status.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ":", status.message()));
  }
  return workflow;
}

}  // namespace holysheep::cli
