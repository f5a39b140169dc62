#include "policy/circuit_breaker_registry.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Outcome = CircuitBreaker::Outcome;
using State = CircuitBreaker::State;

constexpr absl::Time kStart = absl::FromUnixSeconds(1'800'000'000);

class CircuitBreakerRegistryTest : public ::testing::Test {
 protected:
  void Record(absl::string_view model, Outcome outcome) {
    const CircuitBreaker::Pass pass = breakers_.Allow(model, now_);
    ASSERT_TRUE(pass.allowed);
    breakers_.Record(model, pass, outcome, now_);
  }
  void Fail(absl::string_view model, int times) {
    for (int i = 0; i < times; ++i) Record(model, Outcome::kFailure);
  }
  bool Allows(absl::string_view model) {
    return breakers_.Allow(model, now_).allowed;
  }
  std::vector<std::string> InTrouble() const {
    std::vector<std::string> models;
    for (const auto& entry : breakers_.Snapshot(now_)) {
      models.push_back(entry.model);
    }
    return models;
  }

  CircuitBreakerOptions options_;
  CircuitBreakerRegistry breakers_{options_};
  absl::Time now_ = kStart;
};

TEST_F(CircuitBreakerRegistryTest, TellsOfACircuitThatOpensAndCloses) {
  std::vector<State> heard;
  breakers_.SetListener([&heard](const CircuitBreakerRegistry::Entry& entry) {
    EXPECT_EQ(entry.model, "a");
    heard.push_back(entry.state);
  });
  Fail("a", 5);
  EXPECT_THAT(heard, ElementsAre(State::kOpen));
  now_ += options_.open_for;
  Record("a", Outcome::kSuccess);
  EXPECT_THAT(heard, ElementsAre(State::kOpen, State::kClosed));
}

TEST_F(CircuitBreakerRegistryTest, ModelsFailByThemselves) {
  Fail("a", 5);
  EXPECT_FALSE(Allows("a"));
  EXPECT_TRUE(Allows("b"));
}

TEST_F(CircuitBreakerRegistryTest, ShowsTheModelsInTroubleByName) {
  Fail("c", 1);
  Fail("a", 5);
  Record("b", Outcome::kSuccess);
  now_ += absl::Seconds(10);
  const auto entries = breakers_.Snapshot(now_);
  EXPECT_THAT(InTrouble(), ElementsAre("a", "c"));
  EXPECT_EQ(entries[0].state, State::kOpen);
  EXPECT_EQ(entries[0].failures, 5);
  EXPECT_EQ(entries[0].retry_after, absl::Seconds(20));
  EXPECT_EQ(entries[1].state, State::kClosed);
  EXPECT_EQ(entries[1].failures, 1);
}

TEST_F(CircuitBreakerRegistryTest, AModelThatIsWellAgainIsNotShown) {
  Fail("a", 4);
  Record("a", Outcome::kSuccess);
  EXPECT_THAT(InTrouble(), IsEmpty());
  EXPECT_EQ(breakers_.Look("a", now_).state, State::kClosed);
  EXPECT_EQ(breakers_.Look("a", now_).failures, 0);
  Fail("a", 4);
  EXPECT_TRUE(Allows("a")) << "old failures counted";
}

TEST_F(CircuitBreakerRegistryTest, ReadsItsOptionsAnewEachTime) {
  Fail("a", 2);
  options_.failures = 3;
  Fail("a", 1);
  EXPECT_FALSE(Allows("a"));
  options_.open_for = absl::Seconds(1);
  now_ += absl::Seconds(1);
  EXPECT_TRUE(Allows("a"));
}

TEST_F(CircuitBreakerRegistryTest,
       WhatBeganBeforeTheCircuitOpenedDecidesNothingLater) {
  options_.failures = 2;
  const CircuitBreaker::Pass slow[] = {breakers_.Allow("a", now_),
                                       breakers_.Allow("a", now_)};
  Fail("a", 2);
  now_ += options_.open_for;
  Record("a", Outcome::kSuccess);  // The probe.
  for (const CircuitBreaker::Pass pass : slow) {
    breakers_.Record("a", pass, Outcome::kFailure, now_);
  }
  EXPECT_TRUE(Allows("a"));
  EXPECT_EQ(breakers_.Look("a", now_).failures, 0);
}

TEST_F(CircuitBreakerRegistryTest, NamesThatFailedOnceLeaveRoomForOthers) {
  for (size_t i = 0; i < CircuitBreakerRegistry::kMaxModels; ++i) {
    Fail(absl::StrCat("typo-", i), 1);
  }
  Fail("a", 5);
  EXPECT_FALSE(Allows("a"));
  EXPECT_LE(breakers_.Snapshot(now_).size(),
            CircuitBreakerRegistry::kMaxModels);
}

TEST_F(CircuitBreakerRegistryTest, AConfiguredModelAlwaysHasAPlace) {
  options_.failures = 1;
  for (size_t i = 0; i < CircuitBreakerRegistry::kMaxModels; ++i) {
    Fail(absl::StrCat("made-up-", i), 1);
  }
  Fail("one more", 1);
  EXPECT_TRUE(Allows("one more")) << "no place for it";
  breakers_.Record("configured", breakers_.Allow("configured", now_),
                   Outcome::kFailure, now_, 0, /*configured=*/true);
  EXPECT_FALSE(Allows("configured"));
}

TEST_F(CircuitBreakerRegistryTest, NamesThatAreMadeUpDoNotTakeItAway) {
  breakers_.Record("configured", breakers_.Allow("configured", now_),
                   Outcome::kFailure, now_, 0, /*configured=*/true);
  for (size_t i = 0; i < CircuitBreakerRegistry::kMaxModels + 10; ++i) {
    Fail(absl::StrCat("made-up-", i), 2);
  }
  EXPECT_EQ(breakers_.Look("configured", now_).failures, 1);
  EXPECT_EQ(breakers_.Snapshot(now_).size(),
            CircuitBreakerRegistry::kMaxModels + 1);
}

TEST_F(CircuitBreakerRegistryTest, NoNameCrowdsOutAnOpenCircuit) {
  options_.failures = 1;
  for (size_t i = 0; i < CircuitBreakerRegistry::kMaxModels + 10; ++i) {
    Fail(absl::StrCat("model-", i), 1);
  }
  EXPECT_EQ(breakers_.Snapshot(now_).size(),
            CircuitBreakerRegistry::kMaxModels);
  EXPECT_FALSE(Allows("model-0"));
}

}  // namespace
}  // namespace holysheep
