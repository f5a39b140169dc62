#include "policy/admission/admission_lines.h"

#include <algorithm>

namespace holysheep {
// Invariants:
// - A call waits in exactly one line, and holds room only at lines that exist.
// - Room is held for the most senior of a line's `holds` only. Seniority is one
//   order for all lines, so two that hold room never wait for each other.
// - A call holds room at the narrowest limit that blocks it, and at narrower
//   ones that did before: never at a wider one, which others need meanwhile.
// - A call that waits is blocked by the limit of its line, or that line is
//   touched, or has a planned look. While a Pump runs, limits only get tighter,
//   so it ends.
namespace {

// Calls that a Pump passes over in one line, and looks at in vain in all.
constexpr size_t kMaxPassedOver = 16, kMaxLooks = 512;

// Whether calls ask for different amounts.
bool HasSizes(Limit limit) {
  return limit == Limit::kTokensPerMinute || limit == Limit::kBudgets;
}

template <typename Value>
bool Contains(const std::vector<Value>& values, const Value& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

const LimitState* StateOf(const LimitStates& states, const LineKey& key) {
  const auto found = std::find_if(
      states.begin(), states.end(),
      [&key](const LimitState& state) { return state.key == key; });
  return found == states.end() ? nullptr : &*found;
}

}  // namespace

struct AdmissionLines::Visit {
  absl::Time now;
  absl::FunctionRef<LimitStates(Ticket)> ask;
  absl::FunctionRef<void(Ticket)> admit;
  size_t looks = 0;
};

std::optional<AdmissionLines::Ticket> AdmissionLines::Arrive(
    absl::string_view caller, Priority priority, const LimitStates& states) {
  const LineKey* line = Blocker(states, 0);
  for (const LimitState& state : states) {
    if (line != nullptr) break;
    if (lines_.contains(state.key)) line = &state.key;
  }
  if (line == nullptr) return std::nullopt;
  const Ticket ticket = ++last_ticket_;
  Call& call = calls_[ticket];
  call.caller = std::string(caller);
  call.priority = priority;
  shares_.Add(caller, ticket);
  call.key = *line;
  lines_[call.key].Push(caller, priority, ticket);
  Touch(*line);
  return ticket;
}

bool AdmissionLines::Remove(Ticket ticket) {
  const auto found = calls_.find(ticket);
  if (found == calls_.end()) return false;
  Touch(found->second.key);  // Smaller ones behind it may fit.
  Forget(ticket);
  return true;
}

void AdmissionLines::Touch(const LineKey& key) {
  if (lines_.contains(key)) touched_.insert(key);
}

void AdmissionLines::TouchAll() {
  for (const auto& [key, line] : lines_) touched_.insert(key);
}

void AdmissionLines::Pump(absl::Time now,
                          absl::FunctionRef<LimitStates(Ticket)> ask,
                          absl::FunctionRef<void(Ticket)> admit) {
  while (!wakes_.empty() && wakes_.begin()->first <= now) {
    const LineKey key = wakes_.begin()->second;
    wakes_.erase(wakes_.begin());
    lines_.at(key).wake = absl::InfiniteFuture();
    Touch(key);
  }
  Visit visit{now, ask, admit};
  while (!touched_.empty() && visit.looks < kMaxLooks) {
    const LineKey key = *touched_.begin();
    touched_.erase(touched_.begin());
    VisitLine(key, visit);
  }
}

absl::Time AdmissionLines::NextPump() const {
  if (!touched_.empty()) return absl::InfinitePast();
  return wakes_.empty() ? absl::InfiniteFuture() : wakes_.begin()->first;
}

bool AdmissionLines::IsHeldFromOthers(const LineKey& key, Ticket ticket) const {
  const auto found = lines_.find(key);
  if (found == lines_.end() || found->second.holds.empty()) return false;
  return *found->second.holds.begin() != ticket;
}

const LineKey* AdmissionLines::Blocker(const LimitStates& states,
                                       Ticket ticket) const {
  for (const LimitState& state : states) {
    if (!state.has_room || IsHeldFromOthers(state.key, ticket)) {
      return &state.key;
    }
  }
  return nullptr;
}

// The next wider limit at which others wait: the call takes its turn there. One
// for whom room is held has had its turn.
const LineKey* AdmissionLines::NextLine(const LimitStates& states,
                                        const Call& call) const {
  if (call.is_elder) return nullptr;
  const LimitState* own = StateOf(states, call.key);
  // A reload has removed the limit of the line: every other one is ahead.
  bool is_wider = own == nullptr;
  for (const LimitState& state : states) {
    if (is_wider && lines_.contains(state.key)) return &state.key;
    if (&state == own) is_wider = true;
  }
  return nullptr;
}

void AdmissionLines::DropIfEmpty(const LineKey& key) {
  const auto found = lines_.find(key);
  if (found == lines_.end()) return;
  const AdmissionLine& line = found->second;
  if (!line.empty() || !line.holds.empty()) return;
  wakes_.erase({line.wake, key});
  touched_.erase(key);
  lines_.erase(found);
}

// Holds at the narrowest limit that blocks, and goes on holding at narrower
// ones.
void AdmissionLines::Hold(Ticket ticket, Call& call,
                          const LimitStates& states) {
  std::vector<LineKey> holds;
  for (const LimitState& state : states) {
    const bool blocks = !state.has_room || IsHeldFromOthers(state.key, ticket);
    const bool held =
        std::count(call.holds.begin(), call.holds.end(), state.key) > 0;
    if (blocks || held) holds.push_back(state.key);
    if (blocks) break;
  }
  for (const LineKey& key : holds) {
    std::set<Ticket>& here = lines_[key].holds;
    // If that takes the room from a junior one, it may go now.
    if (here.insert(ticket).second && *here.begin() == ticket) Touch(key);
  }
  for (const LineKey& key : call.holds) {
    if (Contains(holds, key)) continue;
    lines_.at(key).holds.erase(ticket);
    Touch(key);
    DropIfEmpty(key);
  }
  call.holds = std::move(holds);
}

void AdmissionLines::Forget(Ticket ticket) {
  const auto found = calls_.find(ticket);
  Call call = std::move(found->second);
  calls_.erase(found);
  lines_.at(call.key).Remove(call.caller, call.priority, ticket);
  for (const LineKey& key : call.holds) {
    lines_.at(key).holds.erase(ticket);
    Touch(key);
    DropIfEmpty(key);
  }
  DropIfEmpty(call.key);
  shares_.Remove(call.caller, ticket);
}

void AdmissionLines::WakeAt(const LineKey& key, absl::Time when) {
  AdmissionLine& line = lines_.at(key);
  if (when >= line.wake) return;
  wakes_.erase({line.wake, key});
  line.wake = when;
  wakes_.emplace(when, key);
}

void AdmissionLines::PassOver(Ticket ticket, absl::Time now) {
  Call& call = calls_.at(ticket);
  if (call.is_elder) return;
  call.passed_over = std::min(call.passed_over, now);
  WakeAt(call.key, call.passed_over + overtake_);
}

void AdmissionLines::Admit(Ticket ticket, const LimitStates& states,
                           Visit& visit) {
  const Call& call = calls_.at(ticket);
  const LimitState* own = StateOf(states, call.key);
  lines_.at(call.key).Charge(call.caller, call.priority,
                             own == nullptr ? 0 : own->amount);
  Forget(ticket);
  visit.admit(ticket);
}

// Returns true if the call has left the line.
bool AdmissionLines::Decide(Ticket ticket, Visit& visit) {
  Call& call = calls_.at(ticket);
  const LimitStates states = visit.ask(ticket);
  if (call.passed_over + overtake_ <= visit.now) call.is_elder = true;
  const LineKey* blocker = Blocker(states, ticket);
  const LineKey* next = blocker == nullptr ? NextLine(states, call) : blocker;
  if (next == nullptr) {
    Admit(ticket, states, visit);
    return true;
  }
  ++visit.looks;
  if (call.is_elder) Hold(ticket, call, states);
  // Where it is blocked it stays; room is held at the narrowest limit first.
  const LimitState* own = StateOf(states, call.key);
  if (!call.is_elder && own != nullptr &&
      (!own->has_room || IsHeldFromOthers(own->key, ticket))) {
    next = &own->key;
  }
  const bool stays = *next == call.key;
  if (!stays) MoveTo(*next, ticket, call);
  if (blocker == nullptr) Touch(*next);
  const LimitState* state = StateOf(states, *next);
  if (!state->has_room) WakeAt(*next, state->earliest);
  return !stays;
}

void AdmissionLines::MoveTo(const LineKey& to, Ticket ticket, Call& call) {
  const LineKey from = call.key;
  lines_.at(from).Remove(call.caller, call.priority, ticket);
  call.key = to;
  lines_[to].Push(call.caller, call.priority, ticket);
  if (!call.is_elder) WakeAt(to, call.passed_over + overtake_);
  DropIfEmpty(from);
}

// Room is held from now on for a call that was overtaken for long enough.
void AdmissionLines::AgeFronts(const LineKey& key, Visit& visit) {
  for (const Priority priority : {Priority::kInteractive, Priority::kBatch}) {
    const auto line = lines_.find(key);
    if (line == lines_.end()) return;
    const auto front = line->second.Front(priority);
    if (!front.has_value()) continue;
    const Call& call = calls_.at(*front);
    if (call.is_elder || call.passed_over + overtake_ > visit.now) continue;
    Decide(*front, visit);
  }
}

// The next call to decide on, or 0: the one for whom room is held, or else the
// first in order that was not passed over.
AdmissionLines::Ticket AdmissionLines::NextDue(
    const LineKey& key, const std::vector<Ticket>& passed) const {
  const AdmissionLine& line = lines_.at(key);
  if (!line.holds.empty()) {
    const Ticket holder = *line.holds.begin();
    // While it waits in a wider line, it holds the room here.
    const bool is_here = calls_.at(holder).key == key;
    return is_here && !Contains(passed, holder) ? holder : 0;
  }
  Ticket due = 0;
  line.Scan([&](Ticket ticket) {
    if (!Contains(passed, ticket)) due = ticket;
    return due == 0;
  });
  return due;
}

void AdmissionLines::VisitLine(const LineKey& key, Visit& visit) {
  AgeFronts(key, visit);
  std::vector<Ticket> passed;
  while (lines_.contains(key)) {
    if (visit.looks >= kMaxLooks) {
      touched_.insert(key);
      return;
    }
    const Ticket due = NextDue(key, passed);
    if (due == 0) break;
    if (Decide(due, visit)) continue;
    passed.push_back(due);
    if (!HasSizes(key.limit) || passed.size() >= kMaxPassedOver) break;
  }
  const auto line = lines_.find(key);
  if (line == lines_.end()) return;
  // Smaller calls, or those of the class before, may overtake them now.
  for (const Priority priority : {Priority::kInteractive, Priority::kBatch}) {
    const auto front = line->second.Front(priority);
    if (front.has_value()) PassOver(*front, visit.now);
  }
}

}  // namespace holysheep
