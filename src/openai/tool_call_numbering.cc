#include "openai/tool_call_numbering.h"

#include <algorithm>

namespace holysheep {
// Invariants: calls_ is in the order in which the calls began, and an index
// that was given to a fragment never changes its meaning. `named` is set once.
// An id is adopted from the first fragment that has one and then stays.

std::optional<ToolCallNumbering::Place> ToolCallNumbering::PlaceOf(
    const Fragment& fragment) {
  Place place;
  place.index = FindCall(fragment);
  if (place.index < 0) {
    if (calls_.size() >= kMaxCalls) return std::nullopt;
    place.index = static_cast<int>(calls_.size());
    place.is_new = true;
    calls_.push_back({fragment.index, std::string(fragment.id), false});
  }
  Call& call = calls_[static_cast<size_t>(place.index)];
  if (call.id.empty()) call.id = std::string(fragment.id);
  place.takes_name = !call.named && !fragment.name.empty();
  call.named = call.named || place.takes_name;
  return place;
}

// A fragment belongs to the call with its number and id, otherwise to the
// latest call with its number, unless a new id and a name show that it begins
// one. Without number, id and name it belongs to the latest call.
int ToolCallNumbering::FindCall(const Fragment& fragment) const {
  const bool numbered = fragment.index.has_value();
  // Backwards: if calls share a number, fragments continue the last one.
  int last = -1;
  for (int i = static_cast<int>(calls_.size()) - 1; i >= 0; --i) {
    const Call& call = calls_[static_cast<size_t>(i)];
    if (numbered && call.upstream_index != fragment.index) continue;
    if (!fragment.id.empty() && call.id == fragment.id) return i;
    last = std::max(last, i);
  }
  if (last < 0) return -1;
  if (!numbered) {
    const bool says_nothing = fragment.id.empty() && fragment.name.empty();
    return says_nothing ? last : -1;
  }
  // Some upstreams give every fragment an id of its own, so that only a name
  // begins a call.
  const bool new_id =
      !fragment.id.empty() && !calls_[static_cast<size_t>(last)].id.empty();
  return new_id && !fragment.name.empty() ? -1 : last;
}

}  // namespace holysheep
