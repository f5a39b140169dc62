#include "cli/commands/workflow_file.h"

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/utf8.h"

namespace holysheep::cli {
namespace {

absl::Status Wrong(const YAML::Mark& mark, absl::string_view problem) {
  return absl::InvalidArgumentError(absl::StrCat(mark.line + 1, ": ", problem));
}

// Reads a value with yaml-cpp's `as<T>`.
template <typename T>
absl::StatusOr<T> Read(const YAML::Node& value, const std::string& name,
                       absl::string_view kind) {
  T read{};
  if (!value.IsScalar() || !YAML::convert<T>::decode(value, read)) {
    return Wrong(value.Mark(), absl::StrCat(name, " must be ", kind));
  }
  return read;
}

absl::Status SetStepField(const std::string& name, const YAML::Node& value,
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
    return Wrong(value.Mark(), absl::StrCat("unknown `", name,
                                            "` in a step: name, prompt, model, "
                                            "temperature or max_tokens"));
  }
  return absl::OkStatus();
}

// Calls `set` with each name and value; skips values that are not set.
template <typename Set>
absl::Status ForEachField(const YAML::Node& mapping, Set set) {
  std::set<std::string> seen;
  for (const auto& entry : mapping) {
    const std::string name = entry.first.Scalar();
    if (!seen.insert(name).second) {
      return Wrong(entry.first.Mark(), absl::StrCat(name, " is given twice"));
    }
    if (entry.second.IsNull()) continue;
    absl::Status status = set(name, entry.second);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status AddSteps(const YAML::Node& steps,
                      pb::RunWorkflowRequest& workflow) {
  if (!steps.IsSequence()) {
    return Wrong(steps.Mark(), "steps must be a list");
  }
  for (const YAML::Node& node : steps) {
    if (!node.IsMap()) {
      return Wrong(node.Mark(), "a step must be lines of `name: value`");
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

absl::Status SetField(const std::string& name, const YAML::Node& value,
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
  return Wrong(value.Mark(), absl::StrCat("unknown `", name,
                                          "`: query, steps or stop_on_error"));
}

absl::Status ReadWorkflow(absl::string_view yaml,
                          pb::RunWorkflowRequest& workflow) {
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    if (!root.IsMap()) {
      return absl::InvalidArgumentError("1: must have `query` and `steps`");
    }
    return ForEachField(root, [&](const std::string& name, const auto& value) {
      return SetField(name, value, workflow);
    });
  } catch (const YAML::Exception& error) {
    return Wrong(error.mark, error.msg);
  }
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
