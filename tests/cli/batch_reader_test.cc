#include "cli/batch/batch_reader.h"

#include <sstream>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Each record as `LINE ID: QUERY` or `LINE problem`.
std::vector<std::string> ReadAll(BatchFormat format, const std::string& text,
                                 InputDress dress = {}) {
  dress.format = format;
  std::stringbuf in(text);
  const auto reader = NewBatchReader(dress, {}, in);
  if (!reader.ok()) return {std::string(reader.status().message())};
  std::vector<std::string> records;
  while (const auto record = (*reader)->Next()) {
    const std::string line = std::to_string(record->line) + " ";
    records.push_back(
        record->item.ok()
            ? line + record->item->id() + ": " + record->item->request().query()
            : line + std::string(record->item.status().message()));
  }
  return records;
}

pb::BatchItem ReadOne(BatchFormat format, const std::string& text,
                      const pb::InvokeRequest& defaults = {}) {
  std::stringbuf in(text);
  return (*NewBatchReader({format}, defaults, in))->Next()->item.value();
}

TEST(BatchReaderTest, PlainLinesAreQuestions) {
  EXPECT_THAT(ReadAll(BatchFormat::kLines, "one\n\n  \ntwo, three\r\nfour"),
              ElementsAre("1 1: one", "4 4: two, three", "5 5: four"));
}

TEST(BatchReaderTest, AnEmptyInputHasNoItems) {
  EXPECT_THAT(ReadAll(BatchFormat::kLines, ""), ElementsAre());
  EXPECT_THAT(ReadAll(BatchFormat::kJsonLines, "\n\n"), ElementsAre());
  EXPECT_THAT(ReadAll(BatchFormat::kCsv, "query\n"), ElementsAre());
}

TEST(BatchReaderTest, AByteOrderMarkIsNoText) {
  EXPECT_THAT(ReadAll(BatchFormat::kLines, "\xEF\xBB\xBFone\n"),
              ElementsAre("1 1: one"));
  EXPECT_THAT(ReadAll(BatchFormat::kCsv, "\xEF\xBB\xBFquery\none\n"),
              ElementsAre("2 2: one"));
}

TEST(BatchReaderTest, ATextThatOnlyBeginsLikeAByteOrderMarkIsWhole) {
  EXPECT_THAT(ReadAll(BatchFormat::kLines, "\uFF08one\uFF09\n\uFF08two"),
              ElementsAre("1 1: \uFF08one\uFF09", "2 2: \uFF08two"));
  EXPECT_THAT(ReadAll(BatchFormat::kLines, "\xEF\xBBone\ntwo"),
              ElementsAre(HasSubstr("1 not UTF-8"), "2 2: two"));
  EXPECT_THAT(ReadAll(BatchFormat::kLines, "\xEF"),
              ElementsAre(HasSubstr("1 not UTF-8")));
  EXPECT_THAT(ReadAll(BatchFormat::kCsv, "\uFF08,query\n"), ElementsAre());
}

TEST(BatchReaderTest, AnIdIsATextOrANumber) {
  EXPECT_THAT(
      ReadAll(BatchFormat::kJsonLines,
              "{\"id\":\"a\\u00e4\\n\",\"query\":\"x\"}\n"
              "{\"query\":\"y\",\"id\":42}\n{\"query\":\"z\"}\n"
              "{\"id\":null,\"query\":\"x\"}\n{\"id\":\"\",\"query\":\"x\"}\n"),
      ElementsAre("1 a\u00e4\n: x", "2 42: y", "3 3: z",
                  "4 the id is neither a text nor a number",
                  "5 the id is empty"));
}

TEST(BatchReaderTest, AJsonLineIsAWholeRequest) {
  const pb::BatchItem item = ReadOne(
      BatchFormat::kJsonLines,
      "{\"query\":\"a \\\"b\\\"\",\"model\":\"gpt-4.1\",\"temperature\":0,"
      "\"max_tokens\":7,\"seed\":\"9007199254740993\","
      "\"cache\":{\"mode\":\"BYPASS\"}}");
  EXPECT_EQ(item.request().query(), "a \"b\"");
  EXPECT_EQ(item.request().model(), "gpt-4.1");
  EXPECT_TRUE(item.request().has_temperature());
  EXPECT_EQ(item.request().max_tokens(), 7);
  EXPECT_EQ(item.request().seed(), 9007199254740993);
  EXPECT_EQ(item.request().cache().mode(), pb::CacheControl::BYPASS);
}

TEST(BatchReaderTest, ABrokenJsonLineIsToldAndPassedOver) {
  const auto records =
      ReadAll(BatchFormat::kJsonLines,
              "{\"query\":\n[1]\n{\"query\":\"x\",\"modell\":\"y\"}\n"
              "{\"query\":7,\"max_tokens\":\"many\"}\n{\"model\":\"x\"}\n"
              "{\"a\\\"b\":1}\n{\"query\":\"well\"}\n");
  ASSERT_EQ(records.size(), 7u);
  EXPECT_THAT(records[2], HasSubstr("modell"));
  EXPECT_THAT(records[4], HasSubstr("5 there is no query"));
  EXPECT_THAT(records[5], HasSubstr("6 unknown member"));
  EXPECT_EQ(records[6], "7 7: well");
}

TEST(BatchReaderTest, TextThatIsNoUtf8IsBroken) {
  EXPECT_THAT(
      ReadAll(BatchFormat::kLines, "a\xFFz\nb"),
      ElementsAre(
          "1 not UTF-8; give its encoding, perhaps --encoding windows-1252",
          "2 2: b"));
  EXPECT_THAT(ReadAll(BatchFormat::kCsv, "query\na\xFFz\nb"),
              ElementsAre(HasSubstr("2 not UTF-8"), "3 3: b"));
}

TEST(BatchReaderTest, ALineBeyondTheLimitIsBroken) {
  EXPECT_THAT(ReadAll(BatchFormat::kLines,
                      std::string(kMaxRecordBytes + 1, 'x') + "\nb"),
              ElementsAre("1 longer than 16 MiB", "2 2: b"));
}

TEST(BatchReaderTest, DefaultsAreForWhatIsUnset) {
  pb::InvokeRequest defaults;
  defaults.set_model("default");
  defaults.set_temperature(1);
  defaults.set_system_prompt("be kind");
  defaults.add_tags("draft");
  const auto own = ReadOne(BatchFormat::kJsonLines,
                           "{\"query\":\"x\",\"temperature\":0}", defaults);
  EXPECT_EQ(own.request().model(), "default");
  EXPECT_EQ(own.request().temperature(), 0);
  EXPECT_EQ(own.request().system_prompt(), "be kind");
  EXPECT_THAT(own.request().tags(), ElementsAre("draft"));
  const auto tagged = ReadOne(BatchFormat::kJsonLines,
                              "{\"query\":\"x\",\"tags\":[\"fr\"]}", defaults);
  EXPECT_THAT(tagged.request().tags(), ElementsAre("fr"));
  // It is allowed with a query only.
  const auto talk = ReadOne(
      BatchFormat::kJsonLines,
      "{\"messages\":[{\"role\":\"USER\",\"parts\":[{\"text\":\"x\"}]}]}",
      defaults);
  EXPECT_EQ(talk.request().system_prompt(), "");
}

TEST(BatchReaderTest, CsvFieldsMayBeQuoted) {
  EXPECT_THAT(
      ReadAll(BatchFormat::kCsv,
              "id,Prompt\r\n1a,\"a, \"\"b\"\"\r\nc\"\r\n\r\n2b,pl\"ain\r\n"
              "\"\",\"\nx\"\n"),
      ElementsAre("2 1a: a, \"b\"\r\nc", "5 2b: pl\"ain", "6 6: \nx"));
}

TEST(BatchReaderTest, CsvCellsSetFields) {
  const pb::BatchItem item = ReadOne(
      BatchFormat::kCsv,
      "query,system,model,temperature,max_tokens,top_p,seed,user,top_k\n"
      "q,s,m,0.5,9.0,0.25,-3,u,40\n");
  EXPECT_EQ(item.request().query(), "q");
  EXPECT_EQ(item.request().system_prompt(), "s");
  EXPECT_EQ(item.request().model(), "m");
  EXPECT_EQ(item.request().temperature(), 0.5);
  EXPECT_EQ(item.request().max_tokens(), 9);
  EXPECT_EQ(item.request().top_p(), 0.25);
  EXPECT_EQ(item.request().seed(), -3);
  EXPECT_EQ(item.request().user(), "u");
  EXPECT_EQ(item.request().top_k(), 40);
}

TEST(BatchReaderTest, RowsEndWithAnyLineEnd) {
  for (const char* text :
       {"id,query\na,one\nb,two", "id,query\r\na,one\r\nb,two\r\n",
        "id,query\ra,one\rb,two\r"}) {
    EXPECT_THAT(ReadAll(BatchFormat::kCsv, text),
                ElementsAre("2 a: one", "3 b: two"));
  }
  EXPECT_THAT(ReadAll(BatchFormat::kLines, "one\rtwo\r\n\rthree"),
              ElementsAre("1 1: one", "2 2: two", "4 4: three"));
}

TEST(BatchReaderTest, FieldsArePartedByTheDelimiterOfTheDress) {
  InputDress dress;
  dress.delimiter = ';';
  EXPECT_THAT(
      ReadAll(BatchFormat::kCsv, "id;query\na;one, two\nb;\"x;y\"\n", dress),
      ElementsAre("2 a: one, two", "3 b: x;y"));
  dress.has_separator_line = true;
  EXPECT_THAT(
      ReadAll(BatchFormat::kCsv, "sep=;\r\nid;query\r\na;one\r\n", dress),
      ElementsAre("3 a: one"));
}

TEST(BatchReaderTest, EmptyColumnsAndRowsAtTheEndArePassedOver) {
  EXPECT_THAT(ReadAll(BatchFormat::kCsv,
                      "id,query,,\na,one,,\nb,two\nc,three,,,,\n,,,\n , ,,\n"),
              ElementsAre("2 a: one", "3 b: two", "4 c: three"));
  EXPECT_THAT(ReadAll(BatchFormat::kCsv, "id,query\na,one,two\n"),
              ElementsAre("2 3 fields under a header of 2"));
}

TEST(BatchReaderTest, AQuoteInAFieldThatIsNotQuotedIsReadAndReported) {
  std::stringbuf in("query\nfive\nsix 5\" nails\n");
  const auto reader = *NewBatchReader({BatchFormat::kCsv}, {}, in);
  EXPECT_EQ(reader->Next()->note, "");
  const auto record = reader->Next();
  EXPECT_EQ(record->item->request().query(), "six 5\" nails");
  EXPECT_THAT(record->note, HasSubstr("a quote inside a field"));
}

TEST(BatchReaderTest, AColumnMayBeNamedAndAllOthersAreTheUsersOwn) {
  InputDress dress{BatchFormat::kCsv};
  dress.columns = {{"query", "Frage"}, {"id", "Nr"}};
  std::stringbuf in("Nr,Frage,query,note,note\n7,q,own,x,\n");
  const auto reader = *NewBatchReader(dress, {}, in);
  const auto record = reader->Next();
  EXPECT_EQ(record->item->id(), "7");
  EXPECT_EQ(record->item->request().query(), "q");
  EXPECT_THAT(reader->columns().OwnNames(),
              ElementsAre("query", "note", "note"));
  EXPECT_EQ(reader->columns().OwnCells(record->cells),
            "{\"query\":\"own\",\"note\":\"x\",\"note_2\":\"\"}");
}

TEST(BatchReaderTest, AColumnThatIsNotThereIsReported) {
  InputDress dress;
  dress.columns = {{"query", "Frage"}};
  EXPECT_THAT(ReadAll(BatchFormat::kCsv, "id,query\n", dress),
              ElementsAre(HasSubstr("there is no column `Frage`")));
  EXPECT_THAT(ReadAll(BatchFormat::kCsv, "Frage,Frage\n", dress),
              ElementsAre("column Frage occurs twice"));
}

TEST(BatchReaderTest, ADecimalCommaIsReadWhereFieldsAreNotPartedByIt) {
  InputDress dress{BatchFormat::kCsv};
  dress.delimiter = ';';
  std::stringbuf in("query;temperature\nq;0,5\n");
  const auto reader = *NewBatchReader(dress, {}, in);
  EXPECT_EQ(reader->Next()->item->request().temperature(), 0.5);
}

TEST(BatchReaderTest, BrokenCsvRowsAreToldAndPassedOver) {
  EXPECT_THAT(
      ReadAll(BatchFormat::kCsv,
              "query,max_tokens\nx\n\"x\"y,1\nx,1.5\n,3\nwell,\n"
              "\"never ends,\n\n"),
      ElementsAre(
          "2 1 fields under a header of 2",
          "3 text follows a closing quote; double the quotes "
          "inside a field",
          "4 max_tokens is not a number: `1.5`", "5 there is no query",
          "6 6: well",
          HasSubstr("7 a quote is not closed before the end of the file")));
}

TEST(BatchReaderTest, ACsvHeaderMustNameOneQuery) {
  const struct {
    std::string text;
    std::string problem;
  } cases[] = {
      {"", "there is no header row"},
      {"id,model\n", "there is no column query or prompt"},
      {"query,prompt\n", "column query occurs twice"},
      {"Frage;id\n", "--column query=NAME; the header has: Frage;id (no comma"},
  };
  for (const auto& [text, problem] : cases) {
    EXPECT_THAT(ReadAll(BatchFormat::kCsv, text),
                ElementsAre(HasSubstr(problem)));
  }
}

TEST(BatchReaderTest, TheFormatIsNamedOrThatOfTheExtension) {
  const struct {
    std::string name;
    std::string path;
    BatchFormat format;
  } cases[] = {
      {"", "a.jsonl", BatchFormat::kJsonLines},
      {"", "a.NDJSON", BatchFormat::kJsonLines},
      {"", "a.csv", BatchFormat::kCsv},
      {"", "a.txt", BatchFormat::kLines},
      {"csv", "a.jsonl", BatchFormat::kCsv},
      {"", "a.TSV", BatchFormat::kCsv},
      {"lines", "a.csv", BatchFormat::kLines},
      {"jsonl", "a", BatchFormat::kJsonLines},
  };
  for (const auto& [name, path, format] : cases) {
    EXPECT_EQ(BatchFormatOf(name, path).value(), format) << path;
  }
  EXPECT_FALSE(BatchFormatOf("xml", "a").ok());
}

}  // namespace
}  // namespace holysheep::cli
