#pragma once

#include "config/config.h"
#include "config/section_reader.h"

namespace holysheep::config {

// Reads the whole configuration from the root of its document: every key, its
// type, its range, its environment variable, and the conditions between keys.
// Problems go to the context of `root`. `config` has the defaults; keys that
// are absent leave them.
void ReadConfig(Fields& root, Config& config);

// The parts of ReadConfig that have files of their own.
void ReadUpstream(Fields& fields, Config& config);
void ReadModels(Fields& root, Config& config);
void ReadRouting(Fields& root, Config& config);
void ReadTls(Fields& fields, Config& config);
void ReadTokens(Fields& auth, AuthConfig& config);
void ReadApps(Fields& root, std::vector<AppOptions>& apps);
void ReadBudgets(Fields& root, std::vector<BudgetRule>& budgets);

// What goes on the wire to `model`, whose id and capabilities have been read.
// A form of reasoning adds the capability.
void ReadWire(Fields& item, ModelInfo& model);

// What may be done in any 60 s.
void ReadRates(Fields& fields, RateLimits& limits);

// Ranges that several sections share. Far beyond any use, and far from an
// overflow.
inline constexpr int64_t kMaxCount = 1'000'000'000;
inline constexpr int64_t kMaxTokens = 1'000'000'000'000;
inline constexpr absl::Duration kShortest = absl::Milliseconds(1);
inline constexpr absl::Duration kDay = absl::Hours(24);

}  // namespace holysheep::config
