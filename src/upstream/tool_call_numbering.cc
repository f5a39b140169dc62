#include "upstream/tool_call_numbering.h"

namespace holysheep {

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

int ToolCallNumbering::FindCall(const Fragment& fragment) const {
  // Backwards: of calls that share a number, fragments continue the last.
  for (int i = static_cast<int>(calls_.size()) - 1; i >= 0; --i) {
    const Call& call = calls_[static_cast<size_t>(i)];
    const bool same_id = fragment.id.empty() || call.id == fragment.id;
    if (fragment.index.has_value()) {
      if (call.upstream_index != fragment.index) continue;
      return same_id || call.id.empty() ? i : -1;
    }
    if (!fragment.id.empty()) {
      if (same_id) return i;
      continue;
    }
    // Without number and id, a name begins a call, and all else continues.
    return fragment.name.empty() ? i : -1;
  }
  return -1;
}

}  // namespace holysheep
