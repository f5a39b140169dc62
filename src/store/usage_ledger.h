#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "chat/billing.h"
#include "policy/money.h"

namespace holysheep {

// What was used and paid, by day (UTC), model and caller. In memory. Loop
// thread only.
class UsageLedger final : public ChargeSink {
 public:
  // Callers may name any model: beyond so many rows, what is new is added to
  // the row of its day and caller with the model `other`.
  static constexpr size_t kMaxRows = 100'000;

  struct Row {
    std::string day;  // YYYY-MM-DD
    std::string model;
    std::string caller;
    int64_t attempts = 0;
    int64_t prompt_tokens = 0;
    int64_t completion_tokens = 0;
    int64_t cached_prompt_tokens = 0;
    Money total;
    Money official;
  };

  void Add(absl::Time when, const Charge& charge) override;

  // All rows, by day, model and caller.
  std::vector<Row> Rows() const;

 private:
  using Key = std::tuple<std::string, std::string, std::string>;

  std::map<Key, Row> rows_;
};

}  // namespace holysheep
