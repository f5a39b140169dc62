#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "chat/answer_store.h"
#include "chat/backend.h"
#include "layers/cache/flight.h"

namespace holysheep {

// The flights under way, by what they ask for: who may join which, and whose
// answer may be kept. A purge reaches them, and a REFRESH leaves those behind
// that began before it. On the loop only.
class FlightTable {
 public:
  // What the table knows of a flight.
  struct Entry {
    std::weak_ptr<Flight> flight;
    // The fallback models of its readers, all of which name the same ones.
    std::string fallbacks;
    // The purges before it began (AnswerStore::purges).
    int64_t purges = 0;
    // A later REFRESH asks for the same.
    bool is_outdated = false;
    // The longest time for which a reader wants the answer kept; `ttl_unset` if
    // one leaves it to the configuration.
    absl::Duration ttl = absl::ZeroDuration();
    bool ttl_unset = false;
  };

  // `store` must outlive the table.
  explicit FlightTable(const AnswerStore& store) : store_(store) {}

  // Returns the flight that `request` joins, or null if it is to start one. A
  // flight with fallback models, whose answer may be another model's, is joined
  // only by calls that name the same ones.
  std::shared_ptr<Flight> Find(const ChatRequest& request);

  // Enters a flight that is about to start; the caller sets its `flight`.
  std::shared_ptr<Entry> Open(const ChatRequest& request);

  // Removes it when it has ended.
  void Close(const ChatRequest& request, const Entry& entry);

 private:
  const AnswerStore& store_;
  // By digest; the newest last. There is more than one flight where some have
  // fallback models, or a purge or a REFRESH came between them.
  absl::flat_hash_map<std::string, std::vector<std::shared_ptr<Entry>>>
      flights_;
};

}  // namespace holysheep
