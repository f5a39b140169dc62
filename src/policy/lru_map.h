#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <list>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace holysheep {

// A map that forgets what was least recently used when it holds too many
// entries or too many bytes. A bound of 0 keeps nothing. Not thread-safe.
template <typename Value>
class LruMap {
 public:
  LruMap(size_t max_entries, size_t max_bytes)
      : max_entries_(max_entries), max_bytes_(max_bytes) {}

  // Null if absent. Makes the entry the most recently used. The pointer holds
  // until the map changes. Constant time, as Put and Erase.
  Value* Find(absl::string_view key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    order_.splice(order_.begin(), order_, found->second);
    return &found->second->value;
  }

  // Adds or replaces. `bytes` is the entry's whole size, key included; an
  // entry larger than the map is not kept, and its predecessor is gone too.
  void Put(std::string key, Value value, size_t bytes);

  // Whether there was one.
  bool Erase(absl::string_view key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return false;
    Remove(found->second);
    return true;
  }

  // Erases each entry for which `predicate(const Value&)` is true; how many.
  template <typename Predicate>
  size_t EraseIf(Predicate predicate);

  // Calls `visit(key, value)` for each entry, the most recently used first.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const Entry& entry : order_) visit(entry.key, entry.value);
  }

  // Forgets at once what no longer fits.
  void SetBounds(size_t max_entries, size_t max_bytes) {
    max_entries_ = max_entries;
    max_bytes_ = max_bytes;
    Shrink();
  }

  size_t entries() const { return order_.size(); }
  size_t bytes() const { return bytes_; }
  // Entries forgotten for want of room, over all time.
  int64_t evictions() const { return evictions_; }

 private:
  struct Entry {
    std::string key;
    Value value;
    size_t bytes;
  };
  using Order = std::list<Entry>;  // Most recently used first.

  void Remove(typename Order::iterator entry) {
    bytes_ -= entry->bytes;
    index_.erase(entry->key);
    order_.erase(entry);
  }
  void Shrink() {
    while (order_.size() > max_entries_ || bytes_ > max_bytes_) {
      Remove(std::prev(order_.end()));
      ++evictions_;
    }
  }

  size_t max_entries_;
  size_t max_bytes_;
  size_t bytes_ = 0;
  int64_t evictions_ = 0;
  Order order_;
  // The keys are views into order_.
  absl::flat_hash_map<absl::string_view, typename Order::iterator> index_;
};

template <typename Value>
void LruMap<Value>::Put(std::string key, Value value, size_t bytes) {
  Erase(key);
  if (bytes > max_bytes_ || max_entries_ == 0) return;
  order_.push_front({std::move(key), std::move(value), bytes});
  index_.emplace(order_.front().key, order_.begin());
  bytes_ += bytes;
  Shrink();
}

template <typename Value>
template <typename Predicate>
size_t LruMap<Value>::EraseIf(Predicate predicate) {
  size_t erased = 0;
  for (auto entry = order_.begin(); entry != order_.end();) {
    const auto next = std::next(entry);
    if (predicate(std::as_const(entry->value))) {
      Remove(entry);
      ++erased;
    }
    entry = next;
  }
  return erased;
}

}  // namespace holysheep
