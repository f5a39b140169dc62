#include "intake/extra_params.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "holysheep/node/v1/chat.pb.h"
#include "intake/extra_params_fields.h"
#include "intake/extra_params_values.h"
#include "intake/validation_checks.h"
#include "json/json.h"

namespace holysheep {
namespace {

constexpr absl::string_view kField = "extra_params_json";

// Members that only the service decides, the last two under their older names.
constexpr absl::string_view kReserved[] = {
    "model", "messages", "stream",    "stream_options",
    "n",     "tools",    "functions", "function_call"};

// The member in which clients wrap others, and which gateways unwrap.
constexpr absl::string_view kWrapper = "extra_body";

absl::Status RefuseMember(absl::string_view name, absl::string_view what) {
  return Refuse(FieldPath(kField),
                absl::StrCat("the member ", Shown(name), " ", what));
}

bool IsReserved(absl::string_view folded) {
  return std::count(std::begin(kReserved), std::end(kReserved), folded) > 0;
}

// Forms of `reasoning` that its field does not detect itself: one combines
// several members of it, the others go to the upstream as they are.
bool AsksForReasoning(absl::string_view folded) {
  return folded == "reasoning" || folded == "enable_thinking" ||
         folded == "thinking_budget";
}

// A field of InvokeRequest whose name no upstream knows.
bool IsOfTheServiceOnly(const std::string& folded) {
  return FieldOfMember(folded) == nullptr &&
         pb::InvokeRequest::descriptor()->FindFieldByName(folded) != nullptr;
}

absl::Status CheckMayBeThere(const JsonMember& member,
                             const std::string& folded) {
  if (IsReserved(folded)) {
    return RefuseMember(member.name,
                        "must not be set: the request's own fields or the "
                        "service decide about it");
  }
  if (IsOfTheServiceOnly(folded)) {
    return RefuseMember(member.name, "must be set as the field of that name");
  }
  return absl::OkStatus();
}

// Wrapped members are not moved, so they must not set a field either. Nested
// wrappers are refused, so a single level has to be looked at.
absl::Status CheckWrapped(absl::string_view json) {
  const auto members = JsonMembers(json);
  // A value that is not an object has no wrapped members.
  if (!members.ok()) return absl::OkStatus();
  for (const JsonMember& member : *members) {
    const std::string folded = FoldedName(member.name);
    absl::Status status = CheckMayBeThere(member, folded);
    if (!status.ok()) return status;
    if (FieldOfMember(folded) != nullptr || folded == kWrapper) {
      return RefuseMember(member.name, "must not be inside extra_body");
    }
  }
  return absl::OkStatus();
}

// Moves `member` into its field, or appends it to `others`.
absl::Status TakeOrKeep(JsonMember member, const std::string& folded,
                        pb::InvokeRequest& request,
                        std::vector<JsonMember>& others) {
  if (const TakeMember take = FieldOfMember(folded); take != nullptr) {
    const absl::Status taken = take(member.value, request);
    return taken.ok() ? taken : RefuseMember(member.name, taken.message());
  }
  absl::Status status;
  if (folded == kWrapper) status = CheckWrapped(member.value);
  others.push_back(std::move(member));
  return status;
}

}  // namespace

absl::Status TakeExtraParams(pb::InvokeRequest& request) {
  if (request.extra_params_json().empty()) return absl::OkStatus();
  auto members = JsonMembers(request.extra_params_json());
  if (!members.ok()) {
    return Refuse(FieldPath(kField), absl::StrCat("must be a JSON object: ",
                                                  members.status().message()));
  }
  const bool has_reasoning = request.has_reasoning();
  absl::flat_hash_set<std::string> seen;
  std::vector<JsonMember> others;
  for (JsonMember& member : *members) {
    const std::string folded = FoldedName(member.name);
    absl::Status status = CheckMayBeThere(member, folded);
    if (status.ok() && !seen.insert(folded).second) {
      status = RefuseMember(member.name, "occurs twice");
    }
    if (status.ok() && has_reasoning && AsksForReasoning(folded) &&
        !IsNull(member.value)) {
      status = RefuseMember(member.name, SetTwice().message());
    }
    status.Update(TakeOrKeep(std::move(member), folded, request, others));
    if (!status.ok()) return status;
  }
  if (others.size() < members->size() || others.empty()) {
    request.set_extra_params_json(others.empty() ? "" : JsonObject(others));
  }
  return absl::OkStatus();
}

}  // namespace holysheep
