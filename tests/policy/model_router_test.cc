#include "policy/model_router.h"

#include "base/errors.h"
#include "gmock/gmock.h"

namespace holysheep {
namespace {

using ::testing::HasSubstr;

constexpr uint32_t BitOf(Capability capability) {
  return 1u << static_cast<int>(capability);
}

ModelInfo Model(const char* id, int64_t dollars, int64_t context,
                int64_t output, uint32_t capabilities) {
  ModelInfo model;
  model.id = id;
  model.prompt_price = Money::FromPicos(dollars * 1'000'000'000'000);
  model.completion_price = model.prompt_price;
  model.context_size = context;
  model.max_output_tokens = output;
  model.capabilities = capabilities;
  return model;
}

class ModelRouterTest : public ::testing::Test {
 protected:
  std::string Choose(const RoutingNeeds& needs) {
    const auto choice = ChooseModel(catalog_, rules_, needs);
    if (!choice.ok()) {
      EXPECT_EQ(DetailsOf(choice.status()).field, "model");
      return "none";
    }
    why_ = choice->why;
    return choice->model.id;
  }

  const Catalog catalog_{
      {Model("large", 8, 100'000, 10'000, BitOf(Capability::kVision)),
       Model("small", 1, 1000, 500, 0),
       Model("seeing", 2, 10'000, 1000, BitOf(Capability::kVision)),
       Model("unknown", 50, 0, 0, BitOf(Capability::kAudio))},
      "large"};
  std::vector<RoutingRule> rules_;
  std::string why_;
};

TEST_F(ModelRouterTest, TakesTheCheapestThatCan) {
  EXPECT_EQ(Choose({10, 10}), "small");
  EXPECT_THAT(why_, HasSubstr("cheapest of 4 of 4"));
  EXPECT_EQ(Choose({10, 10, false, BitOf(Capability::kVision)}), "seeing");
  EXPECT_THAT(why_, HasSubstr("cheapest of 2 of 4"));
  EXPECT_THAT(why_, HasSubstr("vision"));
  EXPECT_EQ(Choose({10, 10, false, BitOf(Capability::kAudio)}), "unknown");
}

TEST_F(ModelRouterTest, PromptAndAnswerMustFitTogether) {
  EXPECT_EQ(Choose({500, 500}), "small");
  EXPECT_EQ(Choose({501, 500}), "seeing");
  EXPECT_EQ(Choose({9001, 1000}), "large");
}

TEST_F(ModelRouterTest, TheAnswerMustFit) {
  EXPECT_EQ(Choose({10, 501}), "seeing");
  EXPECT_EQ(Choose({10, 1001}), "large");
}

TEST_F(ModelRouterTest, ADefaultLengthIsNoDemand) {
  EXPECT_EQ(Choose({10, 2048, true}), "small");
  EXPECT_EQ(Choose({501, 2048, true}), "seeing");
}

TEST_F(ModelRouterTest, AModelOfUnknownSizeHasRoomForAll) {
  EXPECT_EQ(Choose({1'000'000, 1'000'000}), "unknown");
}

TEST_F(ModelRouterTest, SaysIfThereIsNone) {
  EXPECT_EQ(Choose({10, 10, false,
                    BitOf(Capability::kAudio) | BitOf(Capability::kVision)}),
            "none");
}

TEST_F(ModelRouterTest, TheFirstOfEquallyCheapOnesIsTaken) {
  const Catalog twins({Model("a", 1, 0, 0, 0), Model("b", 1, 0, 0, 0)}, "b");
  EXPECT_EQ(ChooseModel(twins, {}, {10, 10})->model.id, "a");
}

TEST_F(ModelRouterTest, AFreeModelIsTheCheapest) {
  const Catalog catalog({Model("a", 1, 0, 0, 0), Model("b", 0, 0, 0, 0)}, "a");
  EXPECT_EQ(ChooseModel(catalog, {}, {10, 10})->model.id, "b");
}

TEST_F(ModelRouterTest, ARuleGoesBeforeThePrice) {
  rules_.resize(1);
  rules_[0].tag = "legal";
  rules_[0].model = "large";
  RoutingNeeds needs{10, 10};
  EXPECT_EQ(Choose(needs), "small");
  needs.tags = {"other", "legal"};
  EXPECT_EQ(Choose(needs), "large");
  EXPECT_EQ(why_, "by routing.rules[0] (tag legal)");
}

TEST_F(ModelRouterTest, ARuleMayGoByLength) {
  rules_.resize(1);
  rules_[0].min_prompt_tokens = 100;
  rules_[0].max_prompt_tokens = 200;
  rules_[0].model = "large";
  EXPECT_EQ(Choose({99, 10}), "small");
  EXPECT_EQ(Choose({100, 10}), "large");
  EXPECT_EQ(Choose({200, 10}), "large");
  EXPECT_EQ(Choose({201, 10}), "small");
}

TEST_F(ModelRouterTest, ARuleMayGoByWhatIsNeeded) {
  rules_.resize(1);
  rules_[0].capability = Capability::kVision;
  rules_[0].model = "large";
  EXPECT_EQ(Choose({10, 10}), "small");
  EXPECT_EQ(Choose({10, 10, false, BitOf(Capability::kVision)}), "large");
}

TEST_F(ModelRouterTest, AllOfARuleMustHold) {
  rules_.resize(1);
  rules_[0].tag = "legal";
  rules_[0].min_prompt_tokens = 100;
  rules_[0].model = "large";
  EXPECT_EQ(Choose({10, 10, false, 0, {"legal"}}), "small");
  EXPECT_EQ(Choose({100, 10}), "small");
  EXPECT_EQ(Choose({100, 10, false, 0, {"legal"}}), "large");
}

TEST_F(ModelRouterTest, TheFirstRuleWhoseModelCanIsTaken) {
  rules_.resize(3);
  rules_[0].model = "small";
  rules_[1].model = "seeing";
  rules_[2].model = "large";
  EXPECT_EQ(Choose({10, 10, false, BitOf(Capability::kVision)}), "seeing");
  EXPECT_EQ(why_, "by routing.rules[1] (any request)");
}

}  // namespace
}  // namespace holysheep
