#include "openai/reading/think_splitter.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "openai/reading.h"

namespace holysheep {
namespace {

struct Said {
  std::string reasoning;
  std::string text;
};

Said Split(absl::string_view body, size_t piece) {
  Said said;
  const auto sink = [&said](bool is_reasoning, absl::string_view part) {
    EXPECT_FALSE(part.empty());
    absl::StrAppend(is_reasoning ? &said.reasoning : &said.text, part);
    return absl::OkStatus();
  };
  ThinkSplitter splitter;
  for (size_t i = 0; i < body.size(); i += piece) {
    EXPECT_TRUE(splitter.Add(body.substr(i, piece), sink).ok());
  }
  EXPECT_TRUE(splitter.End(sink).ok());
  return said;
}

TEST(ThinkSplitterTest, TagsAreFoundHoweverTheTextIsCut) {
  struct Case {
    std::string body;
    Said expected;
  };
  const std::vector<Case> cases = {
      {"<think>hm</think>yes", {"hm", "yes"}},
      {" \n<think>hm</think>\n\nyes\n", {"hm", "yes\n"}},
      {"<think>hm</think>\r\n \n  yes", {"hm", "  yes"}},
      {"<think>hm</think> yes", {"hm", " yes"}},
      {"<think></think>\n\nyes", {"", "yes"}},
      {"<think>a < b </thin k></think>c</think>",
       {"a < b </thin k>", "c</think>"}},
      {"<think>never closed </thi", {"never closed </thi", ""}},
      {"<think>only</think>\n\n", {"only", ""}},
      {"yes <think>no</think>", {"", "yes <think>no</think>"}},
      {"<thinking>x", {"", "<thinking>x"}},
      {"<thi", {"", "<thi"}},
      {" \n ", {"", " \n "}},
      {"\n plain", {"", "\n plain"}},
      {"<think>a</think>b<think>c</think>", {"a", "b<think>c</think>"}}};
  for (const Case& test : cases) {
    for (size_t piece = 1; piece <= test.body.size(); ++piece) {
      const Said said = Split(test.body, piece);
      EXPECT_EQ(said.reasoning, test.expected.reasoning) << test.body << piece;
      EXPECT_EQ(said.text, test.expected.text) << test.body << piece;
    }
  }
}

TEST(ThinkSplitterTest, WhiteSpaceIsNotHeldBackForever) {
  ThinkSplitter splitter;
  size_t passed = 0;
  const auto sink = [&passed](bool, absl::string_view part) {
    passed += part.size();
    return absl::OkStatus();
  };
  EXPECT_TRUE(splitter.Add(std::string(10'000, ' '), sink).ok());
  EXPECT_EQ(passed, 10'000u);
}

TEST(ThinkSplitterTest, OnlyModelsWithTagsAreReadSo) {
  const std::string streamed = Chunk(R"({"content":"<think>h"})") +
                               Chunk(R"({"content":"m</think>\n\nyes"})") +
                               Finish("stop");
  const std::string whole =
      R"({"choices":[{"message":{"content":"<think>hm</think>\n\nyes"},)"
      R"("finish_reason":"stop"}]})";
  AnswerReaderOptions options;
  options.think_tags = true;
  EXPECT_EQ(Read({streamed}, options).deltas,
            "reasoning h\nreasoning m\ntext yes\n");
  EXPECT_EQ(Read({whole}, options).deltas, "reasoning hm\ntext yes\n");
  EXPECT_EQ(ReadOne(whole).deltas, "text <think>hm</think>\n\nyes\n");
}

}  // namespace
}  // namespace holysheep
