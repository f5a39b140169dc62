#include "chat/opaque_json.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/container/flat_hash_set.h"
#include "json/json_texts.h"

namespace holysheep {

std::vector<JsonMember> MembersSentBack(absl::string_view opaque_json) {
  std::vector<JsonMember> members = MembersOfChecked(opaque_json);
  const auto list = absl::c_find_if(members, [](const JsonMember& member) {
    return member.name == kForCallerOnly;
  });
  if (list == members.end()) return members;
  absl::flat_hash_set<std::string> kept;
  for (std::string& name : TextsOfChecked(list->value)) {
    kept.insert(std::move(name));
  }
  kept.insert(std::string(kForCallerOnly));
  members.erase(std::remove_if(members.begin(), members.end(),
                               [&kept](const JsonMember& member) {
                                 return kept.contains(member.name);
                               }),
                members.end());
  return members;
}

}  // namespace holysheep
