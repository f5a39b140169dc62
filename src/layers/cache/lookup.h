#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "chat/answer_store.h"
#include "chat/backend.h"

namespace holysheep {

class SharedLookup;

// Look-ups in an answer store; identical calls share one. On the loop only.
// With a store that answers at once it adds nothing but a function call.
class LookupTable {
 public:
  // What the store has for a call; null if nothing. `purges` is how many there
  // had been when the store was asked.
  struct Result {
    AnswerStore::Found found;
    int64_t purges = 0;
  };
  // Starts a call once that is known.
  using Resume = absl::AnyInvocable<std::unique_ptr<ChatCall>(Result)>;

  // `store` must outlive the table, and the table all its calls.
  explicit LookupTable(AnswerStore& store) : store_(store) {}

  // Returns the call that `resume` starts with the store's answer for `key`: at
  // once if the store knows at once, otherwise a call that waits first. A
  // look-up from before a purge is not shared.
  std::unique_ptr<ChatCall> Find(const CacheKey& key, Resume resume);

 private:
  AnswerStore& store_;
  // By digest; each lives as long as a call waits for it.
  absl::flat_hash_map<std::string, std::weak_ptr<SharedLookup>> under_way_;
};

}  // namespace holysheep
