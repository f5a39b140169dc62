#include "cli/bench/prompt_plan.h"

#include <set>
#include <string>

#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

// How many of `calls` had a prompt of before.
int Repeats(PromptPlan& plan, int calls) {
  std::set<std::string> seen;
  for (int i = 0; i < calls; ++i) {
    pb::InvokeRequest request;
    plan.Next(request);
    seen.insert(request.query());
  }
  return calls - static_cast<int>(seen.size());
}

TEST(PromptPlanTest, AllPromptsAreTheSameUnlessAskedOtherwise) {
  PromptPlan plan(PromptOptions{.prompt = "Why?"});
  pb::InvokeRequest request;
  plan.Next(request);
  EXPECT_EQ(request.query(), "Why?");
  EXPECT_FALSE(request.has_cache());
  EXPECT_EQ(Repeats(plan, 100), 99);
}

TEST(PromptPlanTest, UniquePromptsAreNewAndPassTheCache) {
  PromptOptions options{.prompt = "Why?"};
  options.unique = true;
  PromptPlan plan(options);
  EXPECT_EQ(Repeats(plan, 10'000), 0);
  pb::InvokeRequest request;
  plan.Next(request);
  EXPECT_EQ(request.cache().mode(), pb::CacheControl::BYPASS);
}

TEST(PromptPlanTest, TheAskedShareOfPromptsRepeats) {
  PromptOptions options{.prompt = "Why?"};
  options.repeat = 0.35;
  PromptPlan plan(options);
  EXPECT_NEAR(Repeats(plan, 10'000), 3500, 200);
  pb::InvokeRequest request;
  plan.Next(request);
  EXPECT_FALSE(request.has_cache());
}

TEST(PromptPlanTest, TheExtremesHold) {
  PromptOptions options{.prompt = "Why?"};
  options.repeat = 0;
  PromptPlan none(options);
  EXPECT_EQ(Repeats(none, 1000), 0);
  options.repeat = 1;
  PromptPlan all(options);
  EXPECT_EQ(Repeats(all, 1000), 999);
}

TEST(PromptPlanTest, TwoRunsShareNoNewPrompt) {
  PromptOptions options{.prompt = "Why?"};
  options.unique = true;
  options.run = "a";
  PromptPlan one(options);
  options.run = "b";
  PromptPlan other(options);
  pb::InvokeRequest of_one;
  pb::InvokeRequest of_other;
  one.Next(of_one);
  other.Next(of_other);
  EXPECT_NE(of_one.query(), of_other.query());
}

}  // namespace
}  // namespace holysheep::cli
