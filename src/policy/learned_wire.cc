#include "policy/learned_wire.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace holysheep {
namespace {

// A base URL has no line feed.
std::string KeyOf(absl::string_view upstream, absl::string_view model) {
  return absl::StrCat(upstream, "\n", model);
}

}  // namespace

WireRefusals LearnedWire::Find(absl::string_view upstream,
                               absl::string_view model) {
  // The usual case, without a key.
  if (known_.entries() == 0) return {};
  const Known* const known = known_.Find(KeyOf(upstream, model));
  return known == nullptr ? WireRefusals() : known->refusals;
}

void LearnedWire::Remember(absl::string_view upstream, absl::string_view model,
                           const WireRefusals& refusals, int64_t generation) {
  if (generation != generation_) return;
  const WireRefusals before = Find(upstream, model);
  WireRefusals all = before;
  all.Add(refusals);
  if (all == before) return;
  const auto size = static_cast<size_t>(all.size());
  known_.Put(KeyOf(upstream, model), {std::string(model), all}, size);
  if (listener_ == nullptr) return;
  for (int i = 0; i < kWireRefusalCount; ++i) {
    const auto refusal = static_cast<WireRefusal>(i);
    const bool further_step = refusal == WireRefusal::kResponseFormat &&
                              all.format_steps() > before.format_steps();
    if ((all.Has(refusal) && !before.Has(refusal)) || further_step) {
      listener_(model, refusal);
    }
  }
}

void LearnedWire::Clear() {
  ++generation_;
  known_.EraseIf([](const Known&) { return true; });
}

std::vector<LearnedWire::Entry> LearnedWire::List() const {
  std::vector<Entry> entries;
  known_.ForEach([&entries](const std::string&, const Known& known) {
    for (int i = 0; i < kWireRefusalCount; ++i) {
      const auto refusal = static_cast<WireRefusal>(i);
      if (!known.refusals.Has(refusal)) continue;
      entries.push_back({known.model, std::string(ParameterOf(refusal))});
    }
  });
  const auto row = [](const Entry& entry) {
    return std::pair(absl::string_view(entry.model),
                     absl::string_view(entry.parameter));
  };
  std::sort(entries.begin(), entries.end(),
            [row](const Entry& a, const Entry& b) { return row(a) < row(b); });
  entries.erase(std::unique(entries.begin(), entries.end(),
                            [row](const Entry& a, const Entry& b) {
                              return row(a) == row(b);
                            }),
                entries.end());
  return entries;
}

}  // namespace holysheep
