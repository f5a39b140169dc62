#include "cli/terminal/line_editor.h"

#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

TEST(PastedTextTest, LineEndsAreThoseOfText) {
  EXPECT_EQ(PastedText("a\rb\r\nc\nd"), "a\nb\nc\nd");
}

TEST(PastedTextTest, NoneIsAtTheEnd) {
  EXPECT_EQ(PastedText("a\r\r\n\n"), "a");
  EXPECT_EQ(PastedText("\r"), "");
  EXPECT_EQ(PastedText(""), "");
}

TEST(PastedTextTest, ControlCharactersAreLeftOutButTabs) {
  EXPECT_EQ(PastedText("\ta\x1b[31m\x7f\x03z"), "\ta[31mz");
}

TEST(PastedTextTest, IsUtf8) {
  EXPECT_EQ(PastedText("T\xC3\xB6ne \xF6"), "Töne \xEF\xBF\xBD");
}

}  // namespace
}  // namespace holysheep::cli
