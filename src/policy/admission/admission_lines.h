#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policy/admission/admission_line.h"
#include "policy/admission/queue_shares.h"
#include "policy/priority.h"

namespace holysheep {

// What one limit says about one call, now.
struct LimitState {
  LineKey key;
  // What the call takes of it: requests, tokens, slots or money.
  int64_t amount = 1;
  bool has_room = true;
  // When it will have room at the latest, as far as that is certain.
  absl::Time earliest = absl::InfiniteFuture();
};
// All limits that concern a call, the narrowest first (a caller's own before
// the service's), always in the same order.
using LimitStates = absl::InlinedVector<LimitState, 8>;

// Who waits for the limits, in one line for each limit that blocks. A call that
// nothing blocks visits no line. A blocked one waits in the line of one limit,
// goes on to another when that one blocks it, and keeps its seniority. In each
// line callers take turns by what is scarce there, interactive calls before
// batches. A call that was overtaken for `overtake` has room held for it at the
// limits that block it. Told the time, which must not run backwards. Takes
// nothing itself: `ask` and `admit` are the caller's. Not thread-safe. Work for
// each event is logarithmic in the number that wait.
class AdmissionLines {
 public:
  using Ticket = uint64_t;

  explicit AdmissionLines(absl::Duration overtake) : overtake_(overtake) {}

  // Returns nothing if the call may go at once, else its ticket, which is never
  // zero and never used again. Tickets grow with time.
  std::optional<Ticket> Arrive(absl::string_view caller, Priority priority,
                               const LimitStates& states);
  // For a call that gives up. Returns whether it waited.
  bool Remove(Ticket ticket);

  // The limit may have more room than at the last Pump.
  void Touch(const LineKey& key);
  // Every limit may: after a reload.
  void TouchAll();

  // Admits those who may go now. `ask` returns the present states of a call;
  // after `admit` they include what the call has taken. Neither may change the
  // lines. Looks only at lines that were touched or whose time has come.
  void Pump(absl::Time now, absl::FunctionRef<LimitStates(Ticket)> ask,
            absl::FunctionRef<void(Ticket)> admit);
  // The time at which Pump has work without a Touch: then a call has been
  // overtaken for long enough. At once if the last Pump stopped halfway.
  absl::Time NextPump() const;

  void SetOvertake(absl::Duration overtake) { overtake_ = overtake; }
  // The newest call of the caller who has the most waiting, if `caller` has
  // fewer: the one that leaves a full queue to a newcomer.
  std::optional<Ticket> NewestOfTheMost(absl::string_view caller) const {
    return shares_.NewestOfTheMost(caller);
  }
  // Where the call waits. REQUIRES: it waits.
  const LineKey& LineOf(Ticket ticket) const { return calls_.at(ticket).key; }

  size_t size() const { return calls_.size(); }
  size_t lines() const { return lines_.size(); }

 private:
  struct Call {
    std::string caller;
    Priority priority;
    LineKey key;
    // When it was first passed over at the front; set once.
    absl::Time passed_over = absl::InfiniteFuture();
    bool is_elder = false;
    // Where room is held for it.
    std::vector<LineKey> holds;
  };
  struct Visit;

  bool IsHeldFromOthers(const LineKey& key, Ticket ticket) const;
  const LineKey* Blocker(const LimitStates& states, Ticket ticket) const;
  const LineKey* NextLine(const LimitStates& states, const Call& call) const;
  void DropIfEmpty(const LineKey& key);
  void Hold(Ticket ticket, Call& call, const LimitStates& states);
  void Forget(Ticket ticket);
  bool Decide(Ticket ticket, Visit& visit);
  void Admit(Ticket ticket, const LimitStates& states, Visit& visit);
  void WakeAt(const LineKey& key, absl::Time when);
  void MoveTo(const LineKey& to, Ticket ticket, Call& call);
  void AgeFronts(const LineKey& key, Visit& visit);
  Ticket NextDue(const LineKey& key, const std::vector<Ticket>& passed) const;
  void PassOver(Ticket ticket, absl::Time now);
  void VisitLine(const LineKey& key, Visit& visit);

  absl::Duration overtake_;
  Ticket last_ticket_ = 0;
  absl::flat_hash_map<Ticket, Call> calls_;
  std::map<LineKey, AdmissionLine> lines_;
  std::set<LineKey> touched_;
  // When lines have room, and when calls have been overtaken for long enough.
  std::set<std::pair<absl::Time, LineKey>> wakes_;
  QueueShares shares_;
};

}  // namespace holysheep
