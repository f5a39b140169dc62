#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/client/session.h"

namespace holysheep::cli {

struct CostOptions {
  std::vector<std::string> words;  // the text to estimate, instead of counts
  std::string model;
  std::optional<int64_t> prompt_tokens;
  std::optional<int64_t> completion_tokens;
  std::optional<int> max_tokens;  // of the answer to the text
  bool json = false;
};

std::string CostTable(const pb::EstimateCostResponse& estimate);

// `cost`: what a request or so many tokens cost, and what they save.
ExitCode RunCost(const Session& session, const CostOptions& options);

}  // namespace holysheep::cli
