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

namespace holysheep {

// All that is kInteractive comes before all that is kBatch.
enum class QueueClass { kInteractive, kBatch };

// What becomes of an element that a scan has come to.
enum class Visit {
  kKeep,  // Stays in the line; on to the next.
  kTake,  // Leaves the line, as its caller's turn; on to the next.
  kStop,  // Stays in the line; the scan ends.
};

// The order of FairQueue, which says what it promises. Knows the elements by
// their tickets only.
class FairOrder {
 public:
  using Ticket = uint64_t;

  FairOrder() = default;
  FairOrder(const FairOrder&) = delete;
  FairOrder& operator=(const FairOrder&) = delete;

  Ticket Push(absl::string_view caller, QueueClass queue_class);
  bool Remove(Ticket ticket);
  void Scan(absl::FunctionRef<Visit(Ticket)> visit);

  size_t size() const { return places_.size(); }
  size_t size(QueueClass queue_class) const {
    return classes_[static_cast<size_t>(queue_class)].size;
  }
  // Callers about whom something is remembered.
  size_t callers() const;

 private:
  // One caller's elements, in order of arrival. The first is due in `round`,
  // the next in the round after it, and so on.
  struct Line {
    std::string caller;
    uint64_t round;
    std::list<Ticket> tickets;
  };
  struct Class {
    size_t size = 0;
    // That of the latest turn that was taken.
    uint64_t round = 0;
    // Of the callers that have something waiting.
    absl::node_hash_map<std::string, Line> lines;
    // Callers with nothing waiting whose turn of this round is over: they are
    // due in the next one.
    absl::flat_hash_set<std::string> served;
  };
  struct Place {
    Class* owner;
    Line* line;
    std::list<Ticket>::iterator position;
  };
  struct Cursor;

  bool ScanClass(Class& owner, absl::FunctionRef<Visit(Ticket)> visit);
  // By value, because they erase the entry of places_.
  void Take(Place place);
  void Erase(Place place);
  static void AdvanceTo(uint64_t round, Class& owner);

  Ticket last_ticket_ = 0;
  std::array<Class, 2> classes_;
  absl::flat_hash_map<Ticket, Place> places_;
};

}  // namespace holysheep
