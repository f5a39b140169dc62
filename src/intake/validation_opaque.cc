#include <algorithm>
#include <vector>

#include "intake/validation_checks.h"
#include "json/json.h"

// Checks the members that are sent back to the upstream as a model once sent
// them, and that have no field of their own; WriteMessages describes their
// form.
namespace holysheep {
namespace {

// A member with a field of its own would be written twice, and a reader might
// take the unchecked one.
constexpr absl::string_view kOwnMembers[] = {
    "role", "content", "name", "tool_call_id", "reasoning_content"};
constexpr absl::string_view kOwnCallMembers[] = {"id", "type", "function"};
constexpr absl::string_view kToolCalls = "tool_calls";

template <size_t kCount>
bool IsAmong(const absl::string_view (&names)[kCount],
             const std::string& folded) {
  return std::count(std::begin(names), std::end(names), folded) > 0;
}

absl::Status RefuseMember(const FieldPath& path, absl::string_view name) {
  return Refuse(path, absl::StrCat("must not have the member ", Shown(name),
                                   ", which has a field of its own"));
}

absl::Status CheckCalls(const FieldPath& path, absl::string_view json) {
  const auto calls = JsonMembers(json);
  if (!calls.ok()) {
    return Refuse(path, "must have an object by tool call id as tool_calls");
  }
  for (const JsonMember& call : *calls) {
    const auto members = JsonMembers(call.value);
    if (!members.ok()) {
      return Refuse(path, "must have an object for each of tool_calls");
    }
    for (const JsonMember& member : *members) {
      if (IsAmong(kOwnCallMembers, FoldedName(member.name))) {
        return RefuseMember(path, member.name);
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckOpaque(const FieldPath& path, absl::string_view json) {
  if (json.empty()) return absl::OkStatus();
  const auto members = JsonMembers(json);
  if (!members.ok()) {
    return Refuse(path, absl::StrCat("must be a JSON object: ",
                                     members.status().message()));
  }
  for (const JsonMember& member : *members) {
    const std::string folded = FoldedName(member.name);
    const bool calls = member.name == kToolCalls;
    if (IsAmong(kOwnMembers, folded) || (folded == kToolCalls && !calls)) {
      return RefuseMember(path, member.name);
    }
    absl::Status status;
    if (calls) status = CheckCalls(path, member.value);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace holysheep
