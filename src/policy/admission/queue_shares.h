#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace holysheep {

// How many calls of each caller wait, so that a full queue takes from the one
// who has the most. Not thread-safe. All in logarithmic time.
class QueueShares {
 public:
  using Ticket = uint64_t;

  void Add(absl::string_view caller, Ticket ticket) {
    std::set<Ticket>& own = tickets_[std::string(caller)];
    counts_.erase({own.size(), std::string(caller)});
    own.insert(ticket);
    counts_.emplace(own.size(), caller);
  }

  // REQUIRES: the ticket was added for `caller`.
  void Remove(absl::string_view caller, Ticket ticket) {
    const auto own = tickets_.find(caller);
    counts_.erase({own->second.size(), own->first});
    own->second.erase(ticket);
    if (own->second.empty()) {
      tickets_.erase(own);
    } else {
      counts_.emplace(own->second.size(), own->first);
    }
  }

  // The newest call of the caller who has the most, if `caller` has fewer.
  std::optional<Ticket> NewestOfTheMost(absl::string_view caller) const {
    if (counts_.empty()) return std::nullopt;
    const auto& [most, name] = *counts_.rbegin();
    const auto own = tickets_.find(caller);
    if (own != tickets_.end() && own->second.size() >= most) {
      return std::nullopt;
    }
    return *tickets_.find(name)->second.rbegin();
  }

 private:
  std::map<std::string, std::set<Ticket>, std::less<>> tickets_;
  std::set<std::pair<size_t, std::string>> counts_;
};

}  // namespace holysheep
