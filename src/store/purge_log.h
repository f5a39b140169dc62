#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"

namespace holysheep {

// Remembers which answers were purged, for those that were under way then: they
// note the number of purges when they begin. Bounded: of the purges before the
// last kRemembered it is assumed that they have reached everything. Not
// thread-safe.
class PurgeLog {
 public:
  static constexpr size_t kRemembered = 1000;

  // The number of purges so far.
  int64_t count() const { return count_; }

  // Each notes one purge.
  void AddAll() { Add({}); }
  void AddModel(absl::string_view model);
  void AddNamespace(absl::string_view cache_namespace);

  // Whether a purge has reached the answers of `model` in `cache_namespace`
  // since there were `since` purges. Constant time if there was none since,
  // otherwise linear in their number.
  bool HasReached(int64_t since, absl::string_view model,
                  absl::string_view cache_namespace) const;

 private:
  // What was purged: everything if neither is set.
  struct Purge {
    std::optional<std::string> model;
    std::optional<std::string> cache_namespace;
  };
  void Add(Purge purge);

  int64_t count_ = 0;
  // The newest last.
  std::deque<Purge> latest_;
};

}  // namespace holysheep
