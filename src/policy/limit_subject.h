#pragma once

#include <cstdint>
#include <string>
#include <utility>

namespace holysheep {

enum class SubjectKind : uint8_t { kService, kModel, kCaller, kApp };

// Whose limit it is. The service has no name.
struct Subject {
  SubjectKind kind = SubjectKind::kService;
  std::string name = {};
  // For an app: the caller whose calls are counted. An app that several callers
  // name is a subject of its own under each.
  std::string caller = {};

  bool operator==(const Subject&) const = default;

  template <typename H>
  friend H AbslHashValue(H state, const Subject& subject) {
    return H::combine(std::move(state), subject.kind, subject.name,
                      subject.caller);
  }
};

// `service`, `model:ID`, `caller:NAME` or `app:ID`. Clients see it as
// `subject`.
std::string SubjectText(const Subject& subject);

}  // namespace holysheep
