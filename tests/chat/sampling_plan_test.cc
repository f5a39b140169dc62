#include "chat/sampling_plan.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "support/requests.h"

namespace holysheep {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A request for max_tokens of 4,000 after a prompt of about 1,000 tokens, which
// asks a model with the context `context_size` now.
ChatRequest Asking(const std::string& model, int64_t context_size) {
  RequestSpec spec;
  spec.query = std::string(4000, 'x');
  spec.message.set_max_tokens(4000);
  ChatRequest request = MakeRequest(spec);
  Target target = *request.target;
  target.model.id = model;
  target.model.context_size = context_size;
  target.model.max_output_tokens = 0;
  request.target = std::make_shared<const Target>(target);
  request.set_by_caller.max_tokens = true;
  return request;
}

TEST(SamplingPlanTest, MaxTokensIsFittedToTheContextOfAFallbackModel) {
  const SamplingPlan plan = PlanSampling(Asking("fallback", 3000));
  ASSERT_TRUE(plan.max_tokens.has_value());
  EXPECT_GT(*plan.max_tokens, 1500);
  EXPECT_LT(*plan.max_tokens, 2000);
  EXPECT_THAT(plan.warnings, ElementsAre(HasSubstr("lowered from 4000")));
}

TEST(SamplingPlanTest, WhatFitsIsSentAsItIs) {
  EXPECT_EQ(MaxTokensOf(Asking("fallback", 6000)), 4000);
  EXPECT_EQ(MaxTokensOf(Asking("fallback", 0)), 4000) << "unknown";
}

TEST(SamplingPlanTest, TheModelThatWasAskedForIsTheCallersToFit) {
  EXPECT_EQ(MaxTokensOf(Asking("deepseek-v3.2", 3000)), 4000);
}

TEST(SamplingPlanTest, APromptThatSeemsTooLongIsLeftToTheUpstream) {
  EXPECT_EQ(MaxTokensOf(Asking("fallback", 900)), 4000);
}

}  // namespace
}  // namespace holysheep
