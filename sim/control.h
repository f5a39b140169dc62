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

// The behaviour of the simulated upstream. A value.
struct Settings {
  // The answer to all requests without a rule; if not set, DefaultAnswer.
  std::optional<Answer> answer;
  // From the request to the head of its response.
  LatencyCurve latency;
  // From the head to the first token, and between tokens.
  absl::Duration first_token;
  absl::Duration token;
  // The length of the default answer; 0 echoes the prompt.
  int tokens = 0;
  // The rules of `wild`, which come before `rules`.
  std::vector<Rule> wild;
  std::vector<Rule> rules;
  std::vector<Rule> script;
  // The SHA-256, in hex, of the accepted keys; if empty, every key is accepted.
  std::vector<std::string> keys;
  std::uint64_t seed = 1;
};

// Returns `base`, changed by the JSON object `text`. A member that is absent
// changes nothing; one that is present replaces the whole value.
absl::StatusOr<Settings> ParseControl(absl::string_view text,
                                      const Settings& base);

// Returns the rules that play the kind of --list-wild with that name: what it
// sends and, if it is for some requests only, what comes after them.
absl::StatusOr<std::vector<Rule>> ParseWild(absl::string_view name);

// Reads a rule written as `NAME[:ARG]`, such as `S08:20`.
absl::StatusOr<Rule> ParseFaultFlag(absl::string_view text);

}  // namespace holysheep::sim
