#include "cli/batch/input_guess.h"

#include <fstream>
#include <string>

#include "cli/batch/batch_input.h"
#include "cli/batch/text_encoding.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class InputGuessTest : public ::testing::Test {
 protected:
  InputGuessTest()
      : path_(::testing::TempDir() + "input_guess_" +
              ::testing::UnitTest::GetInstance()->current_test_info()->name() +
              ".csv") {}
  ~InputGuessTest() override { std::remove(path_.c_str()); }

  absl::StatusOr<GuessedInput> Guess(const std::string& bytes,
                                     const InputFlags& flags = {},
                                     bool is_stream = false) {
    std::ofstream(path_, std::ios::binary) << bytes;
    return GuessInput(path_, "in.csv", is_stream, flags);
  }

  // The questions of an input, or the problem.
  std::vector<std::string> Questions(const std::string& bytes,
                                     const InputFlags& flags = {}) {
    const auto guess = Guess(bytes, flags);
    if (!guess.ok()) return {std::string(guess.status().message())};
    const auto file = *OpenSource(guess->source);
    const auto reader = NewBatchReader(guess->source.dress, {}, *file);
    if (!reader.ok()) return {std::string(reader.status().message())};
    std::vector<std::string> questions;
    while (const auto record = (*reader)->Next()) {
      questions.push_back(record->item.ok()
                              ? record->item->request().query()
                              : std::string(record->item.status().message()));
    }
    if (!file->status().ok()) {
      questions.emplace_back(file->status().message());
    }
    return questions;
  }

  const std::string path_;
};

TEST_F(InputGuessTest, TheHeaderShowsTheDelimiter) {
  const std::pair<const char*, char> kCases[] = {
      {"id,query\n", ','},        {"id;query\n", ';'},
      {"id\tquery\n", '\t'},      {"id|query\n", '|'},
      {"query\n", ','},           {"id;query;a, b, c, d\n", ';'},
      {"\"a;b;c\",query\n", ','}, {"sep=|\nid|query\n", '|'},
  };
  for (const auto& [text, delimiter] : kCases) {
    const auto guess = Guess(text);
    ASSERT_TRUE(guess.ok()) << guess.status();
    EXPECT_EQ(guess->source.dress.delimiter, delimiter) << text;
    EXPECT_EQ(guess->notes.empty(), delimiter == ',') << text;
  }
  EXPECT_THAT(Guess("id;query\n")->notes,
              ElementsAre(HasSubstr("semicolon, by the first line; "
                                    "--delimiter says otherwise")));
  EXPECT_EQ(Guess("a;b\n", {"", "", "tab", {}})->source.dress.delimiter, '\t');
  EXPECT_FALSE(Guess("a;b\n", {"", "", "ab", {}}).ok());
}

TEST_F(InputGuessTest, Utf16IsReadWithAMarkAndWithout) {
  const std::string little("q\0u\0e\0r\0y\0\n\0\x8a\x7f\n\0", 16);
  EXPECT_THAT(Questions("\xFF\xFE" + little), ElementsAre("\u7f8a"));
  EXPECT_THAT(Questions(little), ElementsAre("\u7f8a"));
  EXPECT_THAT(Guess("\xFF\xFE" + little)->notes, IsEmpty());
  EXPECT_THAT(Guess(little)->notes, ElementsAre(HasSubstr("UTF-16LE")));
  const std::string big("\xFE\xFF\0q\0u\0e\0r\0y\0\n\x7f\x8a\0\n", 18);
  EXPECT_THAT(Questions(big), ElementsAre("\u7f8a"));
}

TEST_F(InputGuessTest, AFileThatIsCutWithinACharacterIsReported) {
  const std::string cut("\xFF\xFEq\0u\0e\0r\0y\0\n\0a\0\n\0b", 19);
  EXPECT_THAT(Questions(cut),
              ElementsAre("a", HasSubstr("in.csv:3: ends in the middle of a "
                                         "character of UTF-16LE")));
}

TEST_F(InputGuessTest, EncodingsAreNamedAsIconvDoes) {
  const std::pair<const char*, const char*> kCases[] = {
      {"GBK", "query\n\xD1\xF2\n"},       {"big5", "query\n\xA6\xCF\n"},
      {"Shift-JIS", "query\n\x97\x72\n"}, {"shift_jis", "query\n\x97\x72\n"},
      {"UTF-8", "query\n\xE7\xBE\x8A\n"},
  };
  for (const auto& [encoding, bytes] : kCases) {
    EXPECT_THAT(Questions(bytes, {"", encoding, "", {}}), ElementsAre("\u7f8a"))
        << encoding;
  }
  EXPECT_THAT(
      Questions("query\nGr\xF6\xDF\x65\n", {"", "windows-1252", "", {}}),
      ElementsAre("Gr\u00f6\u00dfe"));
  EXPECT_THAT(Questions("query\n", {"", "klingon", "", {}}),
              ElementsAre(HasSubstr("no encoding `klingon`")));
  EXPECT_THAT(Questions("query\n\x81\xFF\n", {"", "GBK", "", {}}),
              ElementsAre(HasSubstr("in.csv:2: bytes that are not GB18030; "
                                    "name the encoding with --encoding")));
}

TEST_F(InputGuessTest, BytesThatAreNotUtf8AreReportedWithALikelyEncoding) {
  const std::pair<const char*, const char*> kCases[] = {
      {"Gr\xF6\xDF\x65 und M\xFC\x68\x65", "windows-1252"},
      {"\xD1\xF2\xC8\xBA\xCE\xAA\xCA\xB2\xC3\xB4", "GBK"},
      {"\x82\xC8\x82\xBA\x97\x72\x82\xCD", "Shift-JIS"},
      {"\xAC\xB0\xA4\xB0\xBB\xF2\xA6\xCF\xB8\x73\xA6\x61", "Big5"},
  };
  for (const auto& [bytes, encoding] : kCases) {
    EXPECT_EQ(NotUtf8(bytes),
              std::string("not UTF-8; give its encoding, perhaps --encoding ") +
                  encoding);
  }
}

TEST_F(InputGuessTest, AMarkOutweighsTheFlag) {
  const auto guess = Guess("\xEF\xBB\xBFquery\n\u7f8a\n", {"", "GBK", "", {}});
  EXPECT_EQ(guess->source.dress.encoding, "");
  EXPECT_THAT(guess->notes, ElementsAre(HasSubstr("byte order mark")));
  EXPECT_THAT(Guess("query\n\u7f8a\n", {"", "GBK", "", {}})->notes,
              ElementsAre(HasSubstr("looks like UTF-8")));
}

TEST_F(InputGuessTest, ColumnsMustBeFieldsOfARequest) {
  EXPECT_THAT(
      Guess("a\n", {"", "", "", {"query=Frage"}})->source.dress.columns,
      ElementsAre(std::pair<std::string, std::string>("query", "Frage")));
  for (const char* column : {"Frage", "answer=Frage", "query="}) {
    EXPECT_FALSE(Guess("a\n", {"", "", "", {column}}).ok()) << column;
  }
  EXPECT_FALSE(Guess("a\n", {"", "", "", {"query=a", "prompt=b"}}).ok());
  EXPECT_THAT(
      std::string(
          Guess("a\n", {"lines", "", "", {"query=a"}}).status().message()),
      HasSubstr("--column is for CSV"));
}

TEST_F(InputGuessTest, TheFirstLineOfAStreamShowsItsFormat) {
  const std::pair<const char*, BatchFormat> kCases[] = {
      {"{\"query\":\"x\"}\n", BatchFormat::kJsonLines},
      {"id;query\n1;a\n", BatchFormat::kCsv},
      {"query\na\n", BatchFormat::kCsv},
      {"Why, or why not?\n", BatchFormat::kLines},
  };
  for (const auto& [text, format] : kCases) {
    EXPECT_EQ(Guess(text, {}, true)->source.dress.format, format) << text;
  }
}

TEST_F(InputGuessTest, OpenAisLinesAreRecognised) {
  const InputFlags json{"jsonl", "", "", {}};
  EXPECT_TRUE(Guess("{\"custom_id\":\"a\",\"body\":{}}\n", json)->is_openai);
  EXPECT_FALSE(Guess("{\"query\":\"x\"}\n", json)->is_openai);
}

TEST_F(InputGuessTest, AFileThatIsNotTextIsRefused) {
  EXPECT_THAT(Questions("PK\x03\x04zzz"),
              ElementsAre(HasSubstr("in.csv is a spreadsheet")));
  EXPECT_THAT(Questions("\x1F\x8B\x08"),
              ElementsAre(HasSubstr("in.csv is compressed")));
}

}  // namespace
}  // namespace holysheep::cli
