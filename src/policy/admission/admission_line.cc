#include "policy/admission/admission_line.h"

#include <algorithm>
#include <iterator>

// Invariants, for each class: `due` has one entry for each caller with a
// ticket, and no other. A caller without a ticket is remembered only while it
// has been charged more than `clock`.

namespace holysheep {
namespace {

// More callers than that who have nothing waiting are forgotten.
constexpr size_t kMaxRemembered = 1024;

}  // namespace

void AdmissionLine::Unlist(Class& owner, Callers::const_iterator caller) {
  const Caller& entry = caller->second;
  if (entry.tickets.empty()) return;
  owner.due.erase({entry.charged, *entry.tickets.begin(), caller->first});
}

void AdmissionLine::List(Class& owner, Callers::const_iterator caller) {
  const Caller& entry = caller->second;
  if (entry.tickets.empty()) return;
  owner.due.emplace(entry.charged, *entry.tickets.begin(), caller->first);
}

void AdmissionLine::Push(absl::string_view caller, Priority priority,
                         Ticket ticket) {
  Class& owner = classes_[static_cast<size_t>(priority)];
  const auto found = owner.callers.try_emplace(std::string(caller)).first;
  Unlist(owner, found);
  Caller& entry = found->second;
  if (entry.tickets.empty())
    entry.charged = std::max(entry.charged, owner.clock);
  entry.tickets.insert(ticket);
  List(owner, found);
}

void AdmissionLine::Remove(absl::string_view caller, Priority priority,
                           Ticket ticket) {
  Class& owner = classes_[static_cast<size_t>(priority)];
  const auto found = owner.callers.find(caller);
  Unlist(owner, found);
  found->second.tickets.erase(ticket);
  List(owner, found);
  if (!found->second.tickets.empty()) return;
  if (found->second.charged <= owner.clock) {
    owner.callers.erase(found);
  } else if (owner.callers.size() > owner.due.size() + kMaxRemembered) {
    std::erase_if(owner.callers, [](const auto& entry) {
      return entry.second.tickets.empty();
    });
  }
}

void AdmissionLine::Charge(absl::string_view caller, Priority priority,
                           int64_t amount) {
  Class& owner = classes_[static_cast<size_t>(priority)];
  const auto found = owner.callers.find(caller);
  if (found == owner.callers.end()) return;
  Unlist(owner, found);
  Caller& entry = found->second;
  owner.clock = std::max(owner.clock, entry.charged);
  // A caller who was passed over for long does not save up turns.
  entry.charged = owner.clock + amount;
  List(owner, found);
}

void AdmissionLine::Scan(absl::FunctionRef<bool(Ticket)> visit) const {
  for (const Class& owner : classes_) {
    for (const auto& [charged, first, name] : owner.due) {
      for (const Ticket ticket : owner.callers.find(name)->second.tickets) {
        if (!visit(ticket)) return;
      }
    }
  }
}

std::optional<AdmissionLine::Ticket> AdmissionLine::Front(
    Priority priority) const {
  const Class& owner = classes_[static_cast<size_t>(priority)];
  if (owner.due.empty()) return std::nullopt;
  return std::get<1>(*owner.due.begin());
}

}  // namespace holysheep
