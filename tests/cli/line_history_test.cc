#include "cli/terminal/line_history.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LineHistoryTest : public ::testing::Test {
 protected:
  LineHistoryTest() { std::filesystem::remove_all(folder_); }
  ~LineHistoryTest() override { std::filesystem::remove_all(folder_); }

  mode_t ModeOf(const std::string& path) const {
    struct stat status = {};
    EXPECT_EQ(stat(path.c_str(), &status), 0);
    return status.st_mode & 0777;
  }

  void Write(const std::string& text) {
    std::filesystem::create_directories(folder_ + "/state/holysheep");
    std::ofstream(path_) << text;
  }

  const std::string folder_ = ::testing::TempDir() + "holysheep_line_history";
  const std::string path_ = folder_ + "/state/holysheep/history";
};

TEST_F(LineHistoryTest, TextsComeBackInTheirOrder) {
  for (const char* text : {"one", "two\nlines", "back\\slash \\n", "羊"}) {
    AddToHistory(path_, text);
  }
  EXPECT_THAT(ReadHistory(path_),
              ElementsAre("one", "two\nlines", "back\\slash \\n", "羊"));
}

TEST_F(LineHistoryTest, OnlyTheOwnerMayReadIt) {
  AddToHistory(path_, "one");
  EXPECT_EQ(ModeOf(path_), 0600u);
  EXPECT_EQ(ModeOf(folder_ + "/state/holysheep"), 0700u);
  ASSERT_EQ(chmod(path_.c_str(), 0644), 0);
  AddToHistory(path_, "two");
  EXPECT_EQ(ModeOf(path_), 0600u);
}

TEST_F(LineHistoryTest, TheOldestLinesMakeRoom) {
  std::string lines;
  for (size_t i = 0; i < kMaxHistoryLines; ++i) {
    lines += std::to_string(i) + "\n";
  }
  Write(lines);
  AddToHistory(path_, "last");
  const auto texts = ReadHistory(path_);
  ASSERT_EQ(texts.size(), kMaxHistoryLines);
  EXPECT_EQ(texts.front(), "1");
  EXPECT_EQ(texts.back(), "last");
}

TEST_F(LineHistoryTest, TheSameTextTwiceIsKeptOnce) {
  AddToHistory(path_, "one");
  AddToHistory(path_, "one");
  AddToHistory(path_, "");
  EXPECT_THAT(ReadHistory(path_), ElementsAre("one"));
}

TEST_F(LineHistoryTest, ALongTextIsNotKept) {
  AddToHistory(path_, std::string(4097, 'x'));
  EXPECT_THAT(ReadHistory(path_), IsEmpty());
}

TEST_F(LineHistoryTest, WhatIsNotAFileIsLeftAlone) {
  std::filesystem::create_directories(path_);
  AddToHistory(path_, "one");
  EXPECT_TRUE(std::filesystem::is_directory(path_));
  EXPECT_THAT(ReadHistory(path_), IsEmpty());
  AddToHistory("/dev/null/holysheep/history", "one");
  EXPECT_THAT(ReadHistory("/dev/null/holysheep/history"), IsEmpty());
}

}  // namespace
}  // namespace holysheep::cli
