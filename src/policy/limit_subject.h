#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"

namespace holysheep {

// The limits that can refuse an attempt.
enum class Limit {
  kMaxConcurrent,
  kRequestsPerMinute,
  kTokensPerMinute,
  kBudgets,
};

// As configured, such as `max_concurrent`. Clients see it as `limit` in
// QuotaFailure.
absl::string_view LimitName(Limit limit);

enum class SubjectKind : uint8_t { kService, kModel, kCaller };

// Whose limit it is. The service has no name.
struct Subject {
  SubjectKind kind = SubjectKind::kService;
  std::string name = {};

  bool operator==(const Subject&) const = default;

  template <typename H>
  friend H AbslHashValue(H state, const Subject& subject) {
    return H::combine(std::move(state), subject.kind, subject.name);
  }
};

// `service`, `model:ID` or `caller:NAME`. Clients see it as `subject`.
std::string SubjectText(const Subject& subject);

}  // namespace holysheep
