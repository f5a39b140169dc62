#include "openai/reading/tool_call_numbering.h"

#include <optional>
#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

using testing::ElementsAre;
using Fragment = ToolCallNumbering::Fragment;

// `whole` are the calls whose arguments are whole from the start.
std::vector<int> Number(std::vector<Fragment> fragments,
                        const std::set<int>& whole = {}) {
  ToolCallNumbering numbering;
  std::vector<int> indexes;
  for (Fragment& fragment : fragments) {
    fragment.array = static_cast<int>(indexes.size());
    fragment.has_arguments = fragment.name.empty();
    indexes.push_back(
        numbering
            .PlaceOf(fragment,
                     [&whole](int index) { return whole.count(index) > 0; })
            ->index);
  }
  return indexes;
}

constexpr std::nullopt_t kNone = std::nullopt;

TEST(ToolCallNumberingTest, NumberedFragmentsGoByTheirNumber) {
  EXPECT_THAT(Number({{0, "a", "f"},
                      {0, "", ""},
                      {1, "b", "g"},
                      {0, "", ""},
                      {1, "", ""}}),
              ElementsAre(0, 0, 1, 0, 1));
}

TEST(ToolCallNumberingTest, NumbersStartAtZeroWhateverTheUpstreamSays) {
  EXPECT_THAT(Number({{1, "a", "f"}, {1, "", ""}, {7, "b", "g"}, {7, "", ""}}),
              ElementsAre(0, 0, 1, 1));
}

TEST(ToolCallNumberingTest, OneNumberWithSeveralIdsIsSeveralCalls) {
  EXPECT_THAT(Number({{0, "a", "f"}, {0, "b", "f"}, {0, "", ""}, {0, "b", ""}}),
              ElementsAre(0, 1, 1, 1));
}

TEST(ToolCallNumberingTest, OneNumberGoesBackToAnEarlierId) {
  EXPECT_THAT(Number({{0, "a", "f"}, {0, "b", "f"}, {0, "a", ""}}),
              ElementsAre(0, 1, 0));
}

TEST(ToolCallNumberingTest, ANewIdWithoutANameBeginsNoCall) {
  EXPECT_THAT(
      Number({{0, "a", "f"}, {0, "b", ""}, {1, "c", "g"}, {0, "d", ""}}),
      ElementsAre(0, 0, 1, 0));
}

TEST(ToolCallNumberingTest, FragmentsWithoutNumberGoByTheirId) {
  EXPECT_THAT(Number({{kNone, "a", "f"},
                      {kNone, "a", ""},
                      {kNone, "b", "g"},
                      {kNone, "a", ""},
                      {kNone, "", ""}}),
              ElementsAre(0, 0, 1, 0, 1));
}

TEST(ToolCallNumberingTest, ANameBeginsACallOnceTheArgumentsAreWhole) {
  for (const std::optional<int64_t> index : {std::optional<int64_t>(), {0}}) {
    const std::vector<Fragment> fragments = {
        {index, "", "f"}, {index, "", ""}, {index, "", "f"}, {index, "", ""}};
    EXPECT_THAT(Number(fragments), ElementsAre(0, 0, 0, 0));
    EXPECT_THAT(Number(fragments, {0}), ElementsAre(0, 0, 1, 1));
  }
}

TEST(ToolCallNumberingTest, ANewIdBeginsACallOnceTheArgumentsAreWhole) {
  const std::vector<Fragment> fragments = {{0, "a", "f"}, {0, "b", ""}};
  EXPECT_THAT(Number(fragments), ElementsAre(0, 0));
  EXPECT_THAT(Number(fragments, {0}), ElementsAre(0, 1));
}

TEST(ToolCallNumberingTest, NamesInOneArrayAreDifferentCalls) {
  ToolCallNumbering numbering;
  const auto never = [](int) { return false; };
  EXPECT_EQ(numbering.PlaceOf({0, "", "f"}, never)->index, 0);
  EXPECT_EQ(numbering.PlaceOf({0, "", "f"}, never)->index, 1);
}

TEST(ToolCallNumberingTest, CallsAreBounded) {
  ToolCallNumbering numbering;
  const auto never = [](int) { return false; };
  for (int i = 0; i < ToolCallNumbering::kMaxCalls; ++i) {
    EXPECT_TRUE(numbering.PlaceOf({i, "", "f"}, never).has_value());
  }
  EXPECT_FALSE(numbering.PlaceOf({ToolCallNumbering::kMaxCalls, "", "f"}, never)
                   .has_value());
  EXPECT_TRUE(numbering.PlaceOf({5, "", ""}, never).has_value());
}

}  // namespace
}  // namespace holysheep
