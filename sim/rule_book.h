#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "sim/answer.h"
#include "sim/fault.h"

namespace holysheep::sim {

inline constexpr char kChatPath[] = "/v1/chat/completions";
inline constexpr char kModelsPath[] = "/v1/models";

// A fault or answer for some of the requests.
struct Rule {
  Fault fault;
  // Replaces the answer to those requests.
  std::optional<Answer> answer;
  // The number of further requests that it applies to; -1 for all.
  int times = -1;
  // The model that it applies to; if empty, all.
  std::string model;
  // The path that it applies to.
  std::string path = kChatPath;
  // The share of these requests that are affected.
  double probability = 1;
};

// The outcome for one request: the faults of all rules that apply to it.
struct Choice {
  std::vector<Fault> faults;
  std::optional<Answer> answer;
};

// Selects the rules that apply to a request, and counts them down. One thread.
class RuleBook {
 public:
  // Each rule of `script` is used for one request; `rules` apply to the
  // requests that the script has no rule for.
  RuleBook(std::vector<Rule> rules, std::vector<Rule> script);

  // `u` is the random number of the request, from 0 to 1.
  Choice Choose(absl::string_view path, absl::string_view model, double u);

  // The number of rules of the script that are left.
  std::size_t script_left() const { return script_.size(); }

 private:
  std::vector<Rule> rules_;
  std::deque<Rule> script_;
};

}  // namespace holysheep::sim
