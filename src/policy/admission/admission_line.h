#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policy/limit_subject.h"
#include "policy/priority.h"
#include "policy/rate_limits.h"

namespace holysheep {

// One limit of one subject (or of two together, as a budget may be). In order,
// the narrower one comes first: a caller's own, a model's, the service's.
struct LineKey {
  Limit limit = Limit::kMaxConcurrent;
  Subject subject = {};
  Subject together_with = {};

  bool operator==(const LineKey&) const = default;
  friend bool operator<(const LineKey& a, const LineKey& b) {
    // Kinds are listed from the widest to the narrowest.
    return std::tie(b.subject.kind, a.subject.name, a.subject.caller, a.limit,
                    a.together_with.kind, a.together_with.name) <
           std::tie(a.subject.kind, b.subject.name, b.subject.caller, b.limit,
                    b.together_with.kind, b.together_with.name);
  }
};

// Those who wait at one limit. Start-time fair queueing by amounts: the caller
// who has been charged least goes first, the calls of one caller in order of
// their tickets. Not thread-safe. Changes take logarithmic time.
class AdmissionLine {
 public:
  using Ticket = uint64_t;

  void Push(absl::string_view caller, Priority priority, Ticket ticket);
  // REQUIRES: the call is in the line.
  void Remove(absl::string_view caller, Priority priority, Ticket ticket);
  // The caller has taken `amount` of what is scarce here.
  void Charge(absl::string_view caller, Priority priority, int64_t amount);

  // Shows the calls in order until `visit` returns false, which must not change
  // the line. After a caller's first call comes its next.
  void Scan(absl::FunctionRef<bool(Ticket)> visit) const;
  // The call that is due first of one class.
  std::optional<Ticket> Front(Priority priority) const;

  bool empty() const {
    return classes_[0].due.empty() && classes_[1].due.empty();
  }

  // Those for whom room is held here, the most senior first.
  std::set<Ticket> holds;
  // The earliest time for which a look at this line is planned.
  absl::Time wake = absl::InfiniteFuture();

 private:
  struct Caller {
    int64_t charged = 0;
    std::set<Ticket> tickets;
  };
  struct Class {
    // What the caller had been charged who took the last turn: nobody who comes
    // has been charged less, because turns are not saved up.
    int64_t clock = 0;
    std::map<std::string, Caller, std::less<>> callers;
    // Callers who wait: charge, first ticket, name.
    std::set<std::tuple<int64_t, Ticket, std::string>> due;
  };
  using Callers = std::map<std::string, Caller, std::less<>>;

  static void Unlist(Class& owner, Callers::const_iterator caller);
  static void List(Class& owner, Callers::const_iterator caller);

  std::array<Class, 2> classes_;
};

}  // namespace holysheep
