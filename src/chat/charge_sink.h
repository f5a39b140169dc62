#pragma once

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "policy/money.h"

namespace holysheep {

// The real use and price of one upstream attempt, for the ledger.
struct Charge {
  // Valid during the call of Add only.
  absl::string_view model;
  absl::string_view caller;
  // Empty for a call without one.
  absl::string_view app;
  // `cached_prompt_tokens` and `cache_write_tokens` are parts of
  // `prompt_tokens`.
  int64_t prompt_tokens = 0;
  int64_t completion_tokens = 0;
  int64_t cached_prompt_tokens = 0;
  int64_t cache_write_tokens = 0;
  // Whether the upstream did not report the tokens.
  bool estimated = false;
  Money total;
  Money official;
};

// The destination of charges. On the loop only. `arrived` is the arrival of the
// call that caused the charge.
class ChargeSink {
 public:
  virtual ~ChargeSink() = default;
  // At most once for each attempt.
  virtual void Add(absl::Time arrived, const Charge& charge) = 0;
};

}  // namespace holysheep
