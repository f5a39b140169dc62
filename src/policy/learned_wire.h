#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "policy/lru_map.h"
#include "policy/wire_refusal.h"

namespace holysheep {

// Which models have refused which parameters, by upstream. Bounded: beyond
// kMaxRefusals the models that were asked least recently are forgotten. On the
// loop only.
class LearnedWire {
 public:
  static constexpr size_t kMaxRefusals = 1000;

  // Hears of each refusal that was not known before.
  using Listener =
      std::function<void(absl::string_view model, WireRefusal refusal)>;
  void SetListener(Listener listener) { listener_ = std::move(listener); }

  // What `model` of `upstream` (its base URL) has refused. Counts as a use.
  WireRefusals Find(absl::string_view upstream, absl::string_view model);

  // Adds to what is known. Does nothing if everything has been forgotten since
  // generation() was `generation`: it was learned under another configuration.
  void Remember(absl::string_view upstream, absl::string_view model,
                const WireRefusals& refusals, int64_t generation);

  // Forgets everything, as at a reload.
  void Clear();
  // How often everything has been forgotten.
  int64_t generation() const { return generation_; }

  struct Entry {
    std::string model;
    // Its name in the upstream's request.
    std::string parameter;
  };
  // All that is known, by model, each parameter once.
  std::vector<Entry> List() const;

 private:
  struct Known {
    std::string model;
    WireRefusals refusals;
  };
  // The sizes of its entries are numbers of refusals, which are bounded too.
  LruMap<Known> known_{kMaxRefusals, kMaxRefusals};
  int64_t generation_ = 0;
  Listener listener_;
};

}  // namespace holysheep
