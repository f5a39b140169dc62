#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "sim/answer.h"
#include "sim/latency.h"
#include "sim/rule_book.h"

namespace holysheep::sim {

// How the simulated upstream behaves. A value.
struct Settings {
  // To all requests for which no rule says otherwise; unset: DefaultAnswer.
  std::optional<Answer> answer;
  // From the request to the head of its response.
  LatencyCurve latency;
  // From there to the first token, and between tokens.
  absl::Duration first_token;
  absl::Duration token;
  // Of the default answer; 0: it echoes the prompt.
  int tokens = 0;
  std::vector<Rule> rules;
  std::vector<Rule> script;
  // SHA-256, in hex, of the keys that are let in; empty: everyone is.
  std::vector<std::string> keys;
  std::uint64_t seed = 1;
};

// `base` with what the JSON object `text` says instead. A member that is not
// there stays; one that is replaces the whole of it.
absl::StatusOr<Settings> ParseControl(absl::string_view text,
                                      const Settings& base);

// A rule written as `NAME[:ARG]`, such as `S08:20`.
absl::StatusOr<Rule> ParseFaultFlag(absl::string_view text);

}  // namespace holysheep::sim
