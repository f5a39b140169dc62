#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/container/node_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "policy/priority.h"

namespace holysheep {

// The decision of a scan on the element that it has reached.
enum class Visit {
  kKeep,  // Stays in the line; on to the next.
  kTake,  // Leaves the line, as its caller's turn; on to the next.
  kStop,  // Stays in the line; the scan ends.
};

// The order of elements in a FairQueue, which describes it. Knows the elements
// by their tickets only. Not thread-safe.
class FairOrder {
 public:
  using Ticket = uint64_t;

  FairOrder() = default;
  FairOrder(const FairOrder&) = delete;
  FairOrder& operator=(const FairOrder&) = delete;

  // As the functions of FairQueue with the same names.
  Ticket Push(absl::string_view caller, Priority priority);
  bool Remove(Ticket ticket);
  void Scan(absl::FunctionRef<Visit(Ticket)> visit);

  size_t size() const { return places_.size(); }
  size_t size(Priority priority) const {
    return classes_[static_cast<size_t>(priority)].size;
  }
  // Callers with something waiting, or remembered for the current round.
  size_t callers() const;

 private:
  // The elements of one caller, in order of arrival. The first is due in
  // `round`, the next in the round after it, and so on.
  struct Line {
    std::string caller;
    uint64_t round;
    std::list<Ticket> tickets;
  };
  struct Class {
    size_t size = 0;
    // The round of the latest turn that was taken.
    uint64_t round = 0;
    // The callers that have something waiting, by name.
    absl::node_hash_map<std::string, Line> lines;
    // The callers with nothing waiting who have had their turn of this round:
    // their next element is due in the next one.
    absl::flat_hash_set<std::string> served;
  };
  // The position of an element; the iterators stay valid because the lines are
  // in a node-based map.
  struct Place {
    Class* owner;
    Line* line;
    std::list<Ticket>::iterator position;
  };
  struct Cursor;

  // Returns false if the scan is to end.
  bool ScanClass(Class& owner, absl::FunctionRef<Visit(Ticket)> visit);
  // By value, because both erase the entry of places_ that they come from.
  void Take(Place place);
  void Erase(Place place);
  // Begins `round`, so that every caller may have a turn again.
  static void AdvanceTo(uint64_t round, Class& owner);

  Ticket last_ticket_ = 0;
  std::array<Class, 2> classes_;
  absl::flat_hash_map<Ticket, Place> places_;
};

}  // namespace holysheep
