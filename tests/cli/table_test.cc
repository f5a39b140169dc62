#include "cli/terminal/table.h"

#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

TEST(TableTest, ColumnsAreAsWideAsTheirWidestCell) {
  const Table table{{{"MODEL"}, {"PRICE", true}},
                    {{"gpt-4.1", "8.00"}, {"Töne", "15.00"}}};
  EXPECT_EQ(RenderTable(table),
            "MODEL    PRICE\n"
            "gpt-4.1   8.00\n"
            "Töne     15.00\n");
}

TEST(TableTest, ColumnsStandBelowEachOtherWhateverTheScript) {
  const Table table{
      {{"A"}, {"B"}},
      {{"\u7f8a\u7fa4", "x"}, {"\U0001f411", "y"}, {"abcd", "z"}}};
  EXPECT_EQ(RenderTable(table),
            "A     B\n\u7f8a\u7fa4  x\n\U0001f411    y\nabcd  z\n");
}

TEST(TableTest, NoLineEndsWithBlanks) {
  const Table table{{{"A"}, {"LONG"}}, {{"x"}, {"y", "z"}}};
  EXPECT_EQ(RenderTable(table), "A  LONG\nx\ny  z\n");
}

TEST(TableTest, ACellCannotBreakItsLine) {
  const Table table{{{"A"}}, {{"x\ny\x1b"}}};
  EXPECT_EQ(RenderTable(table), "A\nx y?\n");
}

TEST(TableTest, CellsBeyondTheColumnsAreLeftOut) {
  const Table table{{{"A"}}, {{"x", "y"}}};
  EXPECT_EQ(RenderTable(table), "A\nx\n");
}

TEST(TableTest, FieldsHaveNoTitles) {
  EXPECT_EQ(RenderFields({{"calls", "1"}, {"in flight", "20"}}),
            "calls      1\nin flight  20\n");
}

}  // namespace
}  // namespace holysheep::cli
