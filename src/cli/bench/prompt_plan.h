#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "holysheep/node/v1/chat.pb.h"

namespace holysheep::cli {

namespace pb = node::v1;

struct PromptOptions {
  std::string prompt;
  // A prompt of its own for every call, past the cache.
  bool unique = false;
  // The share of calls that repeat an earlier prompt; the others are new. Unset
  // (negative), and not unique: all calls have the same prompt.
  double repeat = -1;
  // Tells this run's new prompts from those of others.
  std::string run = {};
  std::uint64_t seed = 1;
};

// Chooses the prompts of a benchmark, one after the other.
class PromptPlan {
 public:
  explicit PromptPlan(PromptOptions options);

  // The prompts in words.
  std::string Describe() const;

  // Puts the next prompt into `request`, and how to use the cache where that
  // matters.
  void Next(pb::InvokeRequest& request);

 private:
  // Which prompt is next, from 0.
  std::int64_t NextIndex();

  const PromptOptions options_;
  std::mt19937_64 random_;
  std::int64_t issued_ = 0;  // different prompts so far
};

}  // namespace holysheep::cli
