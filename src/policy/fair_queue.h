#pragma once

#include <cstddef>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "policy/fair_order.h"

namespace holysheep {

// A waiting line in which callers take turns, however much one of them brings.
// Start-time fair queueing: the elements of one caller are in order of arrival,
// each due in a round of its own. The first is due in the current round or, if
// the caller has had its turn in that, in the next. Within a round the element
// that came first goes first. An element that is removed costs its caller no
// turn. Not thread-safe. Push and Remove take constant time on average; a Scan
// takes time linear in the callers, and logarithmic in them for each element
// that it shows.
template <typename Value>
class FairQueue {
 public:
  using Ticket = FairOrder::Ticket;

  // At most `max_size` elements wait; 0 is unbounded.
  explicit FairQueue(size_t max_size) : max_size_(max_size) {}

  // Applies to elements that arrive from now on.
  void SetMaxSize(size_t max_size) { max_size_ = max_size; }

  // Returns nothing if the line is full. Tickets are never zero and never
  // reused. The ticket identifies the element for Remove.
  std::optional<Ticket> Push(absl::string_view caller, Priority priority,
                             Value value) {
    if (max_size_ != 0 && size() >= max_size_) return std::nullopt;
    const Ticket ticket = order_.Push(caller, priority);
    values_.emplace(ticket, std::move(value));
    return ticket;
  }

  // Removes an element that gives up. Returns false if it has left the line.
  // For calls that are cancelled, or whose time is up.
  bool Remove(Ticket ticket) {
    return order_.Remove(ticket) && values_.erase(ticket) == 1;
  }

  // Shows the elements to `visit(Value&)` in the order in which they are due.
  // `visit` may move a value that it takes out, but not change the queue.
  template <typename Visitor>
  void Scan(Visitor visit) {
    order_.Scan([&](Ticket ticket) {
      const auto found = values_.find(ticket);
      const Visit result = visit(found->second);
      if (result == Visit::kTake) values_.erase(found);
      return result;
    });
  }

  size_t size() const { return order_.size(); }
  size_t size(Priority priority) const { return order_.size(priority); }
  bool empty() const { return size() == 0; }
  // Callers about whom something is remembered; bounded.
  size_t callers() const { return order_.callers(); }

 private:
  size_t max_size_;
  FairOrder order_;
  absl::flat_hash_map<Ticket, Value> values_;
};

}  // namespace holysheep
