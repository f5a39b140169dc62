#include "absl/container/flat_hash_set.h"
#include "intake/validation_checks.h"

namespace holysheep {
namespace {

// OpenAI allows 128; the upstream decides below this bound.
constexpr int kMaxTools = 1024;

absl::Status CheckEachTool(const pb::InvokeRequest& request) {
  absl::flat_hash_set<absl::string_view> names;
  absl::Status status;
  for (int i = 0; status.ok() && i < request.tools_size(); ++i) {
    const pb::Tool& tool = request.tools(i);
    const FieldPath path("tools", i);
    status.Update(CheckName({path, "name"}, tool.name()));
    status.Update(
        CheckObject({path, "parameters_json"}, tool.parameters_json()));
    if (status.ok() && !names.insert(tool.name()).second) {
      return Refuse({path, "name"},
                    absl::StrCat("must be distinct, but an earlier tool is ",
                                 Shown(tool.name()), " too"));
    }
  }
  return status;
}

bool IsWordOrTool(const pb::InvokeRequest& request) {
  const std::string& choice = request.tool_choice();
  if (choice == "auto" || choice == "none" || choice == "required") return true;
  for (const pb::Tool& tool : request.tools()) {
    if (tool.name() == choice) return true;
  }
  return false;
}

// A choice without tools is a mistake that upstreams report in many ways.
absl::Status CheckToolChoice(const pb::InvokeRequest& request) {
  if (request.tool_choice().empty()) return absl::OkStatus();
  const FieldPath path("tool_choice");
  if (request.tools().empty()) return Refuse(path, "needs tools");
  if (IsWordOrTool(request)) return absl::OkStatus();
  return Refuse(path, absl::StrCat("must be auto, none, required or the name "
                                   "of one of the tools, is ",
                                   Shown(request.tool_choice())));
}

}  // namespace

absl::Status CheckTools(const ValidationContext& context) {
  const pb::InvokeRequest& request = context.request;
  if (request.tools().empty()) return CheckToolChoice(request);
  const FieldPath path("tools");
  absl::Status status = CheckCount(path, request.tools_size(), kMaxTools);
  if (!status.ok()) return status;
  status = CheckEachTool(request);
  status.Update(CheckToolChoice(request));
  return status;
}

}  // namespace holysheep
