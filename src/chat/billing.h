#pragma once

#include <memory>

#include "chat/backend.h"
#include "policy/money.h"

namespace holysheep {

// One upstream attempt's real use and price, as it goes to the ledger.
struct Charge {
  absl::string_view model;
  absl::string_view caller;
  int64_t prompt_tokens = 0;
  int64_t completion_tokens = 0;
  int64_t cached_prompt_tokens = 0;
  bool estimated = false;
  Money total;
  Money official;
};

// Where charges go. Loop thread only; `arrived` is when the call that caused
// the charge came in.
class ChargeSink {
 public:
  virtual ~ChargeSink() = default;
  virtual void Add(absl::Time arrived, const Charge& charge) = 0;
};

// Prices every attempt of `next` by the tokens it used: fills `cost` of an
// answer, and hands the charge to `sink`. An attempt that ends without an
// answer, because it failed or its caller left, is charged for its prompt and
// for what it had said by then, estimated (see UnreportedUse).
std::unique_ptr<ChatBackend> Bill(ChargeSink& sink,
                                  std::unique_ptr<ChatBackend> next);

}  // namespace holysheep
