#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/client/session.h"

namespace holysheep::cli {

// The options of `cost`.
struct CostOptions {
  std::vector<std::string> words;  // the text to estimate, instead of counts
  std::string model;
  // Counts, instead of a text: the two exclude each other, and a count that is
  // not set is 0.
  std::optional<int64_t> prompt_tokens;
  std::optional<int64_t> completion_tokens;
  // Parts of the prompt's.
  std::optional<int64_t> cached_prompt_tokens;
  std::optional<int64_t> cache_write_tokens;
  std::optional<int> max_tokens;  // of the answer
  bool json = false;
};

// The estimate as a table.
std::string CostTable(const pb::EstimateCostResponse& estimate);

// `cost`: prints the cost of a request, or of so many tokens, and the saving.
// The service computes both; no model is called.
ExitCode RunCost(const Session& session, const CostOptions& options);

}  // namespace holysheep::cli
