#include "policy/fair_order.h"

#include <algorithm>
#include <iterator>
#include <queue>
#include <tuple>
#include <utility>
#include <vector>

// Invariants, for each class:
// - A caller is in `lines` (something waits) or in `served` (it had its turn of
//   this round and nothing waits), never in both, or is unknown.
// - No line is empty, and no line's `round` is below the class's `round` for
//   longer than a Take: a caller that was passed over does not save up turns.
// - `size` is the sum of the lines' sizes, and `places_` has one entry for
//   every ticket in a line. Tickets grow, so within a round the older one goes
//   first.

namespace holysheep {
namespace {

// The most callers that may come, be served and leave within one round before
// the round is declared over. That only puts newcomers behind those who wait,
// and bounds `served`.
constexpr size_t kMaxServed = 1024;

}  // namespace

// The position of a scan in one caller's line. `round` is that of the element:
// the line's round plus the number of elements kept before it.
struct FairOrder::Cursor {
  uint64_t round;
  uint64_t kept;
  Place place;

  // std::priority_queue puts the greatest first.
  friend bool operator<(const Cursor& a, const Cursor& b) {
    return std::tie(a.round, *a.place.position) >
           std::tie(b.round, *b.place.position);
  }
};

FairOrder::Ticket FairOrder::Push(absl::string_view caller, Priority priority) {
  Class& owner = classes_[static_cast<size_t>(priority)];
  const auto [found, is_new] = owner.lines.try_emplace(caller);
  Line& line = found->second;
  if (is_new) {
    line.caller = std::string(caller);
    line.round = owner.round + owner.served.erase(caller);
  }
  const Ticket ticket = ++last_ticket_;
  line.tickets.push_back(ticket);
  ++owner.size;
  places_.emplace(ticket, Place{&owner, &line, std::prev(line.tickets.end())});
  return ticket;
}

bool FairOrder::Remove(Ticket ticket) {
  const auto found = places_.find(ticket);
  if (found == places_.end()) return false;
  Erase(found->second);
  return true;
}

// All of one class before any of the next.
void FairOrder::Scan(absl::FunctionRef<Visit(Ticket)> visit) {
  for (Class& owner : classes_) {
    if (!ScanClass(owner, visit)) return;
  }
}

size_t FairOrder::callers() const {
  size_t count = 0;
  for (const Class& owner : classes_) {
    count += owner.lines.size() + owner.served.size();
  }
  return count;
}

// A merge of the lines by round and ticket. Returns false if the visitor stops.
bool FairOrder::ScanClass(Class& owner,
                          absl::FunctionRef<Visit(Ticket)> visit) {
  std::vector<Cursor> heads;
  heads.reserve(owner.lines.size());
  for (auto& [caller, line] : owner.lines) {
    heads.push_back({line.round, 0, {&owner, &line, line.tickets.begin()}});
  }
  std::priority_queue<Cursor> due({}, std::move(heads));
  while (!due.empty()) {
    Cursor cursor = due.top();
    due.pop();
    const Place place = cursor.place;
    ++cursor.place.position;
    // Read before the visit, since taking the last element destroys the line.
    const bool has_next = cursor.place.position != place.line->tickets.end();
    const Visit result = visit(*place.position);
    if (result == Visit::kStop) return false;
    if (result == Visit::kKeep) ++cursor.kept;
    if (result == Visit::kTake) Take(place);
    if (!has_next) continue;
    cursor.round = place.line->round + cursor.kept;
    due.push(cursor);
  }
  return true;
}

void FairOrder::Take(Place place) {
  Class& owner = *place.owner;
  Line& line = *place.line;
  // The turn is that of the caller's first element, whichever is taken. A
  // caller that had to be passed over for long catches up on one turn only.
  AdvanceTo(std::max(owner.round, line.round), owner);
  line.round = std::max(owner.round, line.round + 1);
  Erase(place);
}

// A caller that leaves with its turn taken is remembered until the round ends;
// otherwise it could gain turns by leaving and coming back.
void FairOrder::Erase(Place place) {
  Class& owner = *place.owner;
  Line& line = *place.line;
  places_.erase(*place.position);
  line.tickets.erase(place.position);
  --owner.size;
  if (!line.tickets.empty()) return;
  if (line.round > owner.round) owner.served.insert(line.caller);
  owner.lines.erase(line.caller);
  if (owner.served.size() > kMaxServed) AdvanceTo(owner.round + 1, owner);
}

void FairOrder::AdvanceTo(uint64_t round, Class& owner) {
  if (round == owner.round) return;
  owner.round = round;
  owner.served.clear();
}

}  // namespace holysheep
