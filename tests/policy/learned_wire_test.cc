#include "policy/learned_wire.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using R = WireRefusal;

std::vector<std::string> Lines(const LearnedWire& learned) {
  std::vector<std::string> lines;
  for (const LearnedWire::Entry& entry : learned.List()) {
    lines.push_back(absl::StrCat(entry.model, " ", entry.parameter));
  }
  return lines;
}

TEST(LearnedWireTest, KnowsWhatAModelOfAnUpstreamHasRefused) {
  LearnedWire learned;
  EXPECT_TRUE(learned.Find("u", "m").empty());
  learned.Remember("u", "m", {R::kTopP}, learned.generation());
  learned.Remember("u", "m", {R::kStreamOptions}, learned.generation());
  EXPECT_EQ(learned.Find("u", "m"),
            (WireRefusals{R::kTopP, R::kStreamOptions}));
  EXPECT_TRUE(learned.Find("u", "other").empty());
  EXPECT_TRUE(learned.Find("other", "m").empty());
}

TEST(LearnedWireTest, ListsEachParameterOnce) {
  LearnedWire learned;
  learned.Remember("u", "b", {R::kTemperature, R::kTemperatureValue}, 0);
  learned.Remember("u", "a", {R::kTopP, R::kMaxTokensName}, 0);
  EXPECT_THAT(Lines(learned),
              ElementsAre("a max_tokens", "a top_p", "b temperature"));
}

TEST(LearnedWireTest, ClearingForgetsAllAndWhatWasLearnedBefore) {
  LearnedWire learned;
  const int64_t before = learned.generation();
  learned.Remember("u", "m", {R::kTopP}, before);
  learned.Clear();
  EXPECT_THAT(Lines(learned), IsEmpty());
  learned.Remember("u", "m", {R::kTopP}, before);
  EXPECT_THAT(Lines(learned), IsEmpty());
  learned.Remember("u", "m", {R::kTopP}, learned.generation());
  EXPECT_THAT(Lines(learned), ElementsAre("m top_p"));
}

TEST(LearnedWireTest, KeepsAThousandRefusalsAndForgetsTheLeastUsedModel) {
  LearnedWire learned;
  learned.Remember("u", "kept", {R::kTopP}, 0);
  for (int i = 0; i < 1100; ++i) {
    learned.Remember("u", absl::StrCat("m", i), {R::kTopP}, 0);
    EXPECT_FALSE(learned.Find("u", "kept").empty());
  }
  EXPECT_EQ(learned.List().size(), LearnedWire::kMaxRefusals);
  EXPECT_TRUE(learned.Find("u", "m0").empty());
  for (int i = 0; i < 1000; ++i) {
    learned.Remember("u", absl::StrCat("m", i),
                     {R::kTopP, R::kTemperature, R::kStreamOptions}, 0);
  }
  EXPECT_LE(learned.List().size(), LearnedWire::kMaxRefusals);
}

TEST(LearnedWireTest, SaysOnceWhatIsNew) {
  LearnedWire learned;
  std::vector<std::string> said;
  learned.SetListener([&said](absl::string_view model, R refusal) {
    said.push_back(absl::StrCat(model, " ", WireRefusalName(refusal)));
  });
  learned.Remember("u", "m", {R::kTopP, R::kResponseFormat}, 0);
  learned.Remember("u", "m", {R::kTopP}, 0);
  EXPECT_THAT(said, ElementsAre("m top_p", "m response_format"));
  learned.Remember("u", "m", {R::kResponseFormat, R::kResponseFormat}, 0);
  EXPECT_THAT(said,
              ElementsAre("m top_p", "m response_format", "m response_format"));
}

}  // namespace
}  // namespace holysheep
