#include "openai/tool_call_numbering.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

using testing::ElementsAre;
using Fragment = ToolCallNumbering::Fragment;

std::vector<int> Number(const std::vector<Fragment>& fragments) {
  ToolCallNumbering numbering;
  std::vector<int> indexes;
  for (const Fragment& fragment : fragments) {
    indexes.push_back(numbering.PlaceOf(fragment)->index);
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

TEST(ToolCallNumberingTest, WithoutNumberAndIdANameBeginsACall) {
  EXPECT_THAT(Number({{kNone, "", "f"},
                      {kNone, "", ""},
                      {kNone, "", "f"},
                      {kNone, "", ""}}),
              ElementsAre(0, 0, 1, 1));
}

TEST(ToolCallNumberingTest, ANameIsTakenOnce) {
  ToolCallNumbering numbering;
  EXPECT_FALSE(numbering.PlaceOf({0, "a", ""})->takes_name);
  EXPECT_TRUE(numbering.PlaceOf({0, "", "f"})->takes_name);
  EXPECT_FALSE(numbering.PlaceOf({0, "", "f"})->takes_name);
}

TEST(ToolCallNumberingTest, CallsAreBounded) {
  ToolCallNumbering numbering;
  for (int i = 0; i < ToolCallNumbering::kMaxCalls; ++i) {
    EXPECT_TRUE(numbering.PlaceOf({i, "", "f"}).has_value());
  }
  EXPECT_FALSE(
      numbering.PlaceOf({ToolCallNumbering::kMaxCalls, "", "f"}).has_value());
  EXPECT_TRUE(numbering.PlaceOf({5, "", ""}).has_value());
}

}  // namespace
}  // namespace holysheep
