#include "cli/batch/batch_output.h"

#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <string>

#include "cli/batch/batch_json.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

using ::testing::HasSubstr;

const std::string kHeader = BatchHeader({BatchFormat::kLines}, "0123");

class BatchOutputTest : public ::testing::Test {
 protected:
  BatchOutputTest()
      : path_(::testing::TempDir() + "batch_output_" +
              ::testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::remove(path_.c_str());
  }
  ~BatchOutputTest() override { std::remove(path_.c_str()); }

  void Put(const std::string& text) { std::ofstream(path_) << text; }
  std::string Get() const {
    std::ifstream file(path_);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  mode_t Mode() const {
    struct stat about {};
    EXPECT_EQ(stat(path_.c_str(), &about), 0);
    return about.st_mode & 07777;
  }
  auto Open(bool resume) { return OpenBatchOutput({path_, kHeader, resume}); }

  // Why it cannot be resumed; also checks that this changes nothing.
  std::string Refusal(const std::string& text) {
    Put(text);
    const auto output = Open(true);
    EXPECT_EQ(Get(), text);
    return std::string(output.status().message());
  }

  const std::string path_;
};

pb::BatchResult Result(const std::string& id, bool failed = false) {
  pb::BatchResult result;
  result.set_id(id);
  if (failed) {
    result.mutable_error()->set_reason("UPSTREAM_5XX");
  } else {
    result.mutable_response()->set_result("a \"b\"\n");
  }
  return result;
}

TEST_F(BatchOutputTest, IsReadableByItsOwnerOnlyWhateverTheUmask) {
  const mode_t before = umask(0);
  const auto output = Open(false);
  umask(before);
  ASSERT_TRUE(output.ok());
  EXPECT_EQ(Mode(), 0600u);
}

TEST_F(BatchOutputTest, WhatAnEarlierVersionLeftOpenToOthersIsClosedToThem) {
  Put(kHeader);
  chmod(path_.c_str(), 0644);
  const auto output = Open(true);
  ASSERT_TRUE(output.ok());
  EXPECT_EQ(Mode(), 0600u);
}

TEST_F(BatchOutputTest, KnowsWhatAnEarlierRunHasFinished) {
  {
    const auto output = Open(false).value();
    EXPECT_TRUE(output->Append(Result("one\u00e4"), "").ok());
    EXPECT_TRUE(output->Append(Result("two", true), "").ok());
    EXPECT_TRUE(output->Append(Result("three", true), "").ok());
    EXPECT_TRUE(output->Append(Result("three"), "").ok());
    EXPECT_TRUE(output->Sync().ok());
  }
  const auto output = Open(true).value();
  const FinishedItems& finished = output->finished();
  EXPECT_TRUE(finished.answered.Contains("one\u00e4"));
  EXPECT_TRUE(finished.answered.Contains("three"));
  EXPECT_FALSE(finished.answered.Contains("two"));
  EXPECT_TRUE(finished.failed.Contains("two"));
  EXPECT_FALSE(finished.failed.Contains("four"));
  EXPECT_EQ(finished.failed.CountMissingIn(finished.answered), 1);
}

TEST_F(BatchOutputTest, ATornLineIsCutOff) {
  const std::string whole = kHeader + BatchResultLine(Result("one"), "");
  const std::string line = BatchResultLine(Result("two"), "");
  for (const size_t size : {size_t{1}, size_t{9}, line.size() - 1}) {
    Put(whole + line.substr(0, size));
    const auto output = Open(true).value();
    EXPECT_EQ(Get(), whole);
    EXPECT_TRUE(output->finished().answered.Contains("one"));
    EXPECT_FALSE(output->finished().answered.Contains("two"));
    EXPECT_TRUE(output->Append(Result("two"), "").ok());
    EXPECT_EQ(Get(), whole + line);
  }
}

TEST_F(BatchOutputTest, ATailOfZerosIsTorn) {
  const std::string whole = kHeader + BatchResultLine(Result("one"), "");
  Put(whole + std::string(5000, '\0'));
  EXPECT_TRUE(Open(true).ok());
  EXPECT_EQ(Get(), whole);
}

TEST_F(BatchOutputTest, ATornHeaderBeginsAnew) {
  for (const size_t size : {size_t{0}, size_t{1}, kHeader.size() - 1}) {
    Put(kHeader.substr(0, size));
    EXPECT_TRUE(Open(true).ok());
    EXPECT_EQ(Get(), kHeader);
  }
}

TEST_F(BatchOutputTest, AnOutputThatIsNotThereCanBeResumed) {
  EXPECT_TRUE(Open(true).ok());
  EXPECT_EQ(Get(), kHeader);
}

TEST_F(BatchOutputTest, WithoutResumeAnOutputIsLeftAlone) {
  Put(kHeader);
  EXPECT_THAT(std::string(Open(false).status().message()),
              HasSubstr("--resume"));
  EXPECT_EQ(Get(), kHeader);
}

TEST_F(BatchOutputTest, TheOutputOfAnotherInputIsRefused) {
  EXPECT_THAT(Refusal(BatchHeader({BatchFormat::kLines}, "0124")),
              HasSubstr("belongs to another input"));
  EXPECT_THAT(Refusal(BatchHeader({BatchFormat::kCsv}, "0123")),
              HasSubstr("belongs to another input"));
}

TEST_F(BatchOutputTest, TheSameInputReadInAnotherWayIsAnotherInput) {
  const std::string plain = BatchHeader({BatchFormat::kCsv}, "0123");
  EXPECT_EQ(plain,
            "{\"batch\":{\"version\":1,\"format\":\"csv\",\"input_sha256\":"
            "\"0123\"}}\n");
  InputDress dress{BatchFormat::kCsv};
  dress.encoding = "GB18030";
  EXPECT_NE(BatchHeader(dress, "0123"), plain);
  dress = {BatchFormat::kCsv};
  dress.columns = {{"query", "Frage"}};
  EXPECT_NE(BatchHeader(dress, "0123"), plain);
}

TEST_F(BatchOutputTest, AFileThatIsNoOutputIsRefused) {
  EXPECT_THAT(Refusal("precious"), HasSubstr("is not the output of a batch"));
  EXPECT_THAT(Refusal("precious\ntext\n"),
              HasSubstr("is not the output of a batch"));
  EXPECT_THAT(Refusal("\n"), HasSubstr("is not the output of a batch"));
}

TEST_F(BatchOutputTest, ALineThatIsNoResultIsRefusedWithItsNumber) {
  const std::string line = BatchResultLine(Result("one"), "");
  EXPECT_THAT(Refusal(kHeader + line + "{}\n" + line), HasSubstr(":3: "));
  EXPECT_THAT(Refusal(kHeader + "oops\n" + line), HasSubstr(":2: "));
}

TEST_F(BatchOutputTest, OneRunAtATimeWritesAnOutput) {
  const auto first = Open(false).value();
  EXPECT_THAT(std::string(Open(true).status().message()),
              HasSubstr("another run"));
}

TEST_F(BatchOutputTest, ReadingChangesNothing) {
  EXPECT_EQ(ReadBatchOutput(path_, kHeader)->answered.size(), 0);
  const std::string text =
      kHeader + BatchResultLine(Result("one"), "") + "{\"id\":\"to";
  Put(text);
  EXPECT_EQ(ReadBatchOutput(path_, kHeader)->answered.size(), 1);
  EXPECT_EQ(Get(), text);
}

class ScanTest : public BatchOutputTest {
 protected:
  auto Scan(BatchFormat format) const {
    return ScanInput({path_, path_, {format}});
  }
};

TEST_F(ScanTest, TheFingerprintIsTheSha256OfTheFile) {
  Put("abc");
  const auto summary = Scan(BatchFormat::kLines).value();
  EXPECT_EQ(summary.sha256,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(summary.items, 1);
}

TEST_F(ScanTest, BrokenLinesAreCountedAndTheFirstAreKept) {
  std::string text;
  for (int i = 0; i < 30; ++i) text += "{\n";
  Put(text + "{\"query\":\"x\"}\n");
  const auto summary = Scan(BatchFormat::kJsonLines).value();
  EXPECT_EQ(summary.items, 1);
  EXPECT_EQ(summary.broken, 30);
  EXPECT_EQ(summary.first_broken.size(), InputSummary::kMaxBrokenShown);
  EXPECT_EQ(summary.first_broken[4].line, 5);
}

TEST_F(ScanTest, AnIdThatIsThereTwiceIsToldWithBothLines) {
  Put("{\"query\":\"x\"}\n{\"query\":\"y\",\"id\":\"b\"}\n"
      "{\"query\":\"z\",\"id\":\"1\"}\n");
  const auto summary = Scan(BatchFormat::kJsonLines);
  EXPECT_EQ(std::string(summary.status().message()),
            path_ + ":3: id `1` is that of line 1, too");
}

TEST_F(ScanTest, WhatCannotBeReadTwiceIsRefused) {
  EXPECT_THAT(
      std::string(ScanInput({"/dev/null", "/dev/null", {BatchFormat::kLines}})
                      .status()
                      .message()),
      HasSubstr("is not a regular file"));
  EXPECT_THAT(std::string(Scan(BatchFormat::kLines).status().message()),
              HasSubstr("cannot read"));
}

}  // namespace
}  // namespace holysheep::cli
