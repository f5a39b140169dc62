#pragma once

#include <cstddef>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "policy/fair_order.h"

namespace holysheep {

// A waiting line in which callers take turns, however much one of them brings.
// Start-time fair queueing: each caller's elements are in order of arrival and
// due in one round each, from the current round on or, if the caller has had
// its turn in that, from the next; within a round the one who came first goes
// first. What is removed costs its caller no turn. Not thread-safe.
template <typename Value>
class FairQueue {
 public:
  using Ticket = FairOrder::Ticket;

  // At most `max_size` elements wait; 0 is no bound.
  explicit FairQueue(size_t max_size) : max_size_(max_size) {}

  // Holds for what comes from now on.
  void SetMaxSize(size_t max_size) { max_size_ = max_size; }

  // Nothing if the line is full. Tickets are never zero and never reused.
  std::optional<Ticket> Push(absl::string_view caller, QueueClass queue_class,
                             Value value) {
    if (max_size_ != 0 && size() >= max_size_) return std::nullopt;
    const Ticket ticket = order_.Push(caller, queue_class);
    values_.emplace(ticket, std::move(value));
    return ticket;
  }

  // Takes an element out that gives up. Whether it was still in the line.
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
  size_t size(QueueClass queue_class) const { return order_.size(queue_class); }
  bool empty() const { return size() == 0; }
  // Callers about whom something is remembered.
  size_t callers() const { return order_.callers(); }

 private:
  size_t max_size_;
  FairOrder order_;
  absl::flat_hash_map<Ticket, Value> values_;
};

}  // namespace holysheep
