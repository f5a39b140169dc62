#include "sim/wild/wild_kinds.h"

#include "absl/strings/str_format.h"

namespace holysheep::sim {
namespace {

using Table = absl::Span<const WildKind> (*)();

// In the order in which they are listed.
constexpr Table kTables[] = {
    WildEndings,    WildFinishWords,     WildEvents, WildErrorShapes,
    WildBytes,      WildResponsesEvents, WildParts,  WildToolCalls,
    WildUsage,      WildErrors,          WildLimits, WildDialects,
    WildStructured,
};

}  // namespace

const WildKind* FindWildKind(absl::string_view name) {
  for (const Table table : kTables) {
    for (const WildKind& kind : table()) {
      if (kind.name == name) return &kind;
    }
  }
  return nullptr;
}

std::string ListWildKinds() {
  std::string list;
  for (const Table table : kTables) {
    for (const WildKind& kind : table()) {
      absl::StrAppendFormat(&list, "%-24s %s. Right: %s.\n", kind.name,
                            kind.sends, kind.right);
    }
  }
  return list;
}

}  // namespace holysheep::sim
