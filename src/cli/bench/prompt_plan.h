#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "holysheep/node/v1/chat.pb.h"

namespace holysheep::cli {

namespace pb = node::v1;

// How the prompts of a benchmark vary.
struct PromptOptions {
  // The common beginning; a new prompt adds a number to it.
  std::string prompt;
  // Every call has a prompt of its own and bypasses the cache.
  bool unique = false;
  // The share of calls that repeat an earlier prompt; the others are new. If
  // negative, and `unique` is not set, all calls have the same prompt.
  double repeat = -1;
  // Distinguishes the new prompts of this run from those of others.
  std::string run = {};
  // Decides which prompts are repeated.
  std::uint64_t seed = 1;
};

// Chooses the prompts of a benchmark one after the other, reproducibly for a
// seed. Repeats are of the last 500 prompts. One thread.
class PromptPlan {
 public:
  explicit PromptPlan(PromptOptions options);

  // Describes the prompts in words.
  std::string Describe() const;

  // Puts the next prompt into `request` and, where it matters, how to use the
  // cache. Leaves all other fields unchanged.
  void Next(pb::InvokeRequest& request);

 private:
  // The number of the next prompt, from 0.
  std::int64_t NextIndex();

  const PromptOptions options_;
  std::mt19937_64 random_;
  std::int64_t issued_ = 0;  // different prompts so far
};

}  // namespace holysheep::cli
