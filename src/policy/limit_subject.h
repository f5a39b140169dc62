#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace holysheep {

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
