#pragma once

#include <string>

#include "sim/wild/wild_kind.h"

namespace holysheep::sim {

// The tables, one a topic. Each in a file of its own.
absl::Span<const WildKind> WildEndings();
absl::Span<const WildKind> WildFinishWords();
absl::Span<const WildKind> WildEvents();
absl::Span<const WildKind> WildErrorShapes();
absl::Span<const WildKind> WildBytes();
absl::Span<const WildKind> WildResponsesEvents();
absl::Span<const WildKind> WildParts();
absl::Span<const WildKind> WildToolCalls();
absl::Span<const WildKind> WildUsage();
absl::Span<const WildKind> WildErrors();
absl::Span<const WildKind> WildLimits();
absl::Span<const WildKind> WildDialects();
absl::Span<const WildKind> WildStructured();

// Returns the kind of that name, or null.
const WildKind* FindWildKind(absl::string_view name);

// All kinds for people, a line each: name, what is sent, what is right.
std::string ListWildKinds();

}  // namespace holysheep::sim
