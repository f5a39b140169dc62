#include "openai/reading/tool_call_numbering.h"

#include <algorithm>

namespace holysheep {
// Invariants: calls_ is in the order in which the calls began, and an index
// that was given to a fragment never changes its meaning. An id is adopted from
// the first fragment that has one and then stays.

std::optional<ToolCallNumbering::Place> ToolCallNumbering::PlaceOf(
    const Fragment& fragment, IsWhole is_whole) {
  constexpr int kInNone = -1;
  Place place;
  place.index = fragment.is_whole_call ? -1 : FindCall(fragment, is_whole);
  if (place.index < 0) {
    const bool is_empty =
        fragment.id.empty() && fragment.name.empty() && !fragment.has_arguments;
    if (is_empty && !fragment.is_whole_call) return place;
    if (calls_.size() >= kMaxCalls) return std::nullopt;
    place.index = static_cast<int>(calls_.size());
    place.is_new = true;
    calls_.push_back({fragment.index, std::string(fragment.id), kInNone});
  }
  Call& call = calls_[static_cast<size_t>(place.index)];
  if (call.id.empty()) call.id = std::string(fragment.id);
  if (!fragment.name.empty()) call.named_in = fragment.array;
  return place;
}

// A fragment belongs to the call with its number and id, otherwise to the
// latest call with its number, unless it begins one.
int ToolCallNumbering::FindCall(const Fragment& fragment,
                                IsWhole is_whole) const {
  const bool numbered = fragment.index.has_value();
  // Backwards: if calls share a number, fragments continue the last one.
  int last = -1;
  for (int i = static_cast<int>(calls_.size()) - 1; i >= 0; --i) {
    const Call& call = calls_[static_cast<size_t>(i)];
    if (numbered && call.upstream_index != fragment.index) continue;
    if (!fragment.id.empty() && call.id == fragment.id) {
      // Some upstreams give all calls one id.
      return !fragment.name.empty() && is_whole(i) ? -1 : i;
    }
    last = std::max(last, i);
  }
  return last < 0 || Begins(fragment, last, is_whole) ? -1 : last;
}

bool ToolCallNumbering::Begins(const Fragment& fragment, int last,
                               IsWhole is_whole) const {
  const Call& call = calls_[static_cast<size_t>(last)];
  if (!fragment.id.empty() && !call.id.empty()) {
    // Some upstreams give every fragment an id of its own, so that only a name
    // or whole arguments show that another call begins.
    return !fragment.name.empty() || (fragment.has_arguments && is_whole(last));
  }
  if (fragment.name.empty()) return false;
  // Without number and id, only a name that goes on or a fragment that has
  // neither belongs to the call.
  return call.named_in == fragment.array || is_whole(last);
}

}  // namespace holysheep
