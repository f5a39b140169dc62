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

// What happens to some of the requests.
struct Rule {
  Fault fault;
  // What the model says to them.
  std::optional<Answer> answer;
  // How many more requests it is for; -1: all.
  int times = -1;
  // Only for this model; empty: for all.
  std::string model;
  // Only for requests of this path.
  std::string path = kChatPath;
  // The share of these requests that it happens to.
  double probability = 1;
};

// What is to be done with one request: the faults of several rules together.
struct Choice {
  std::vector<Fault> faults;
  std::optional<Answer> answer;
};

// Which rules a request falls under. Counts them down.
class RuleBook {
 public:
  // `script` is used up one rule a request; `rules` hold for the requests that
  // no rule of the script is for.
  RuleBook(std::vector<Rule> rules, std::vector<Rule> script);

  // `u`, 0 to 1, is the request's chance.
  Choice Choose(absl::string_view path, absl::string_view model, double u);

  // How many rules of the script are left.
  std::size_t script_left() const { return script_.size(); }

 private:
  std::vector<Rule> rules_;
  std::deque<Rule> script_;
};

}  // namespace holysheep::sim
