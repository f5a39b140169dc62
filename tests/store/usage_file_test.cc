#include "store/usage_file.h"

#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

using testing::HasSubstr;

UsageRow SomeRow(const std::string& day = "2026-03-10") {
  UsageRow row;
  row.day = day;
  row.model = "gpt-4.1";
  row.caller = "team \"a\"'; --";
  row.app = "bot";
  row.calls = 3;
  row.prompt_tokens = 30;
  row.completion_tokens = int64_t{1} << 50;
  row.total_tokens = 31;
  row.cached_prompt_tokens = 4;
  row.cache_write_tokens = 9;
  row.reasoning_tokens = 5;
  row.estimated = true;
  row.total = *Money::Parse("123456789012.000000000001");
  row.prompt = Money::FromPicos(1);
  row.completion = Money::FromPicos(2);
  row.official = Money::FromPicos(3);
  row.saved = Money() - Money::FromPicos(4);
  row.attempts = 6;
  row.charged = Money::FromPicos(7);
  row.hour = 23;
  row.charged_in_hour = Money::FromPicos(8);
  return row;
}

void ExpectSame(const UsageRow& a, const UsageRow& b) {
  const auto all = [](const UsageRow& row) {
    return std::tie(row.day, row.model, row.caller, row.app, row.calls,
                    row.prompt_tokens, row.completion_tokens, row.total_tokens,
                    row.cached_prompt_tokens, row.cache_write_tokens,
                    row.reasoning_tokens, row.estimated, row.total, row.prompt,
                    row.completion, row.official, row.saved, row.attempts,
                    row.charged, row.hour, row.charged_in_hour);
  };
  EXPECT_TRUE(all(a) == all(b)) << a.day << " " << a.total.ToString();
}

class UsageFileTest : public testing::Test {
 protected:
  UsageFileTest() { std::filesystem::create_directory(directory_); }
  ~UsageFileTest() override { std::filesystem::remove_all(directory_); }

  // A file that another version has left.
  void Make(const char* sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path_.c_str(), &database), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(database);
  }
  std::unique_ptr<UsageFile> Open() { return *OpenUsageFile(path_); }
  std::vector<UsageRow> Kept() { return *Open()->ReadAll(); }

  const std::string directory_ = testing::TempDir() + "usage_file_test";
  const std::string path_ = directory_ + "/ledger";
};

TEST_F(UsageFileTest, ANewOneIsEmptyAndForItsOwnerOnly) {
  EXPECT_TRUE(Kept().empty());
  struct stat status = {};
  ASSERT_EQ(stat(path_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(UsageFileTest, KeepsEveryColumnExactly) {
  ASSERT_TRUE(Open()->Write(SomeRow()).ok());
  const std::vector<UsageRow> kept = Kept();
  ASSERT_EQ(kept.size(), 1u);
  ExpectSame(kept[0], SomeRow());
}

TEST_F(UsageFileTest, ReadsAFileOfTheFirstVersion) {
  Make(R"(
      CREATE TABLE usage (day TEXT NOT NULL, model TEXT NOT NULL,
        caller TEXT NOT NULL, calls INTEGER NOT NULL,
        prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL,
        total_tokens INTEGER NOT NULL, cached_prompt_tokens INTEGER NOT NULL,
        reasoning_tokens INTEGER NOT NULL, attempts INTEGER NOT NULL,
        total TEXT NOT NULL, prompt TEXT NOT NULL, completion TEXT NOT NULL,
        official TEXT NOT NULL, saved TEXT NOT NULL, charged TEXT NOT NULL,
        estimated INTEGER NOT NULL, PRIMARY KEY (day, model, caller))
        STRICT, WITHOUT ROWID;
      INSERT INTO usage VALUES ("2026-11-20", "m", "c", 3, 0, 0, 0, 0, 0, 4,
        "1", "0", "0", "0", "0", "1.5", 0);
      PRAGMA user_version = 1)");
  const std::vector<UsageRow> rows = Kept();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].charged, *Money::Parse("1.5"));
  EXPECT_EQ(rows[0].charged_in_hour, Money());
  ASSERT_TRUE(Open()->Write(SomeRow("2026-11-21")).ok());
  EXPECT_EQ(Kept().size(), 2u) << "as a file of this version from now on";
}

TEST_F(UsageFileTest, ReadsAFileOfTheSecondVersion) {
  Make(R"(
      CREATE TABLE usage (day TEXT NOT NULL, model TEXT NOT NULL,
        caller TEXT NOT NULL, calls INTEGER NOT NULL,
        prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL,
        total_tokens INTEGER NOT NULL, cached_prompt_tokens INTEGER NOT NULL,
        reasoning_tokens INTEGER NOT NULL, attempts INTEGER NOT NULL,
        hour INTEGER NOT NULL, total TEXT NOT NULL, prompt TEXT NOT NULL,
        completion TEXT NOT NULL, official TEXT NOT NULL, saved TEXT NOT NULL,
        charged TEXT NOT NULL, charged_in_hour TEXT NOT NULL,
        estimated INTEGER NOT NULL, PRIMARY KEY (day, model, caller))
        STRICT, WITHOUT ROWID;
      INSERT INTO usage VALUES ("2026-11-20", "m", "c", 3, 40, 5, 45, 7, 0, 4,
        22, "1", "0", "0", "0", "0", "1.5", "0.5", 0);
      PRAGMA user_version = 2)");
  const std::vector<UsageRow> rows = Kept();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].prompt_tokens, 40);
  EXPECT_EQ(rows[0].cached_prompt_tokens, 7);
  EXPECT_EQ(rows[0].cache_write_tokens, 0);
  EXPECT_EQ(rows[0].hour, 22);
  EXPECT_EQ(rows[0].charged_in_hour, *Money::Parse("0.5"));
  ASSERT_TRUE(Open()->Write(SomeRow("2026-11-21")).ok());
  ExpectSame(Kept()[1], SomeRow("2026-11-21"));
}

// Its columns stand as the step from the second version put them.
TEST_F(UsageFileTest, ReadsAFileOfTheThirdVersion) {
  Make(R"(
      CREATE TABLE usage (day TEXT NOT NULL, model TEXT NOT NULL,
        caller TEXT NOT NULL, calls INTEGER NOT NULL,
        prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL,
        total_tokens INTEGER NOT NULL, cached_prompt_tokens INTEGER NOT NULL,
        reasoning_tokens INTEGER NOT NULL, attempts INTEGER NOT NULL,
        hour INTEGER NOT NULL, total TEXT NOT NULL, prompt TEXT NOT NULL,
        completion TEXT NOT NULL, official TEXT NOT NULL, saved TEXT NOT NULL,
        charged TEXT NOT NULL, charged_in_hour TEXT NOT NULL,
        estimated INTEGER NOT NULL,
        cache_write_tokens INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (day, model, caller)) STRICT, WITHOUT ROWID;
      INSERT INTO usage VALUES ('2026-03-10', 'gpt-4.1', 'team "a"''; --', 3,
        30, 1125899906842624, 31, 4, 5, 6, 23, '123456789012.000000000001',
        '0.000000000001', '0.000000000002', '0.000000000003',
        '-0.000000000004', '0.000000000007', '0.000000000008', 1, 9);
      INSERT INTO usage VALUES ('2026-03-10', 'm', 'd', 1, 1, 1, 2, 0, 0, 1,
        22, '1', '0', '0', '0', '0', '1', '1', 0, 0);
      PRAGMA user_version = 3)");
  const std::vector<UsageRow> rows = Kept();
  ASSERT_EQ(rows.size(), 2u);
  UsageRow wanted = SomeRow();
  wanted.app = "";
  ExpectSame(rows[0], wanted);
  ASSERT_TRUE(Open()->Write(SomeRow()).ok());
  EXPECT_EQ(Kept().size(), 3u) << "the app is a part of the key";
}

TEST_F(UsageFileTest, ARowThatIsWrittenAgainIsReplaced) {
  UsageRow row = SomeRow();
  const auto file = Open();
  ASSERT_TRUE(file->Write(row).ok());
  row.calls = 4;
  ASSERT_TRUE(file->Write(row).ok());
  const auto kept = file->ReadAll();
  ASSERT_EQ(kept->size(), 1u);
  EXPECT_EQ((*kept)[0].calls, 4);
}

TEST_F(UsageFileTest, RemovesTheDaysBeforeOne) {
  const auto file = Open();
  for (const char* day : {"2025-12-31", "2026-01-01", "2026-01-02"}) {
    ASSERT_TRUE(file->Write(SomeRow(day)).ok());
  }
  ASSERT_TRUE(file->RemoveBefore("2026-01-01").ok());
  const auto kept = file->ReadAll();
  ASSERT_EQ(kept->size(), 2u);
  EXPECT_EQ((*kept)[0].day, "2026-01-01");
}

TEST_F(UsageFileTest, BelongsToOneProcessAtATime) {
  int opened[2];
  ASSERT_EQ(pipe(opened), 0);
  const pid_t other = fork();
  if (other == 0) {
    const auto file = Open();
    if (write(opened[1], "x", 1) == 1) pause();
    _exit(1);
  }
  char byte = 0;
  ASSERT_EQ(read(opened[0], &byte, 1), 1);
  EXPECT_EQ(OpenUsageFile(path_).status().message(),
            "another process uses the file");
  kill(other, SIGKILL);
  waitpid(other, nullptr, 0);
  close(opened[0]);
  close(opened[1]);
}

TEST_F(UsageFileTest, WritesSeveralRowsAtOnce) {
  ASSERT_TRUE(
      Open()->WriteAll({SomeRow("2026-01-01"), SomeRow("2026-01-02")}).ok());
  EXPECT_EQ(Kept().size(), 2u);
}

TEST_F(UsageFileTest, ACheckpointOnAQuickDiskCutsTheLogOff) {
  const auto file = Open();
  int writes = 0;
  while (!file->WantsCheckpoint()) {
    UsageRow row = SomeRow();
    row.calls = ++writes;
    ASSERT_TRUE(file->WriteAll({row}).ok());
  }
  EXPECT_GE(std::filesystem::file_size(path_ + "-wal"), 4'000'000u);
  ASSERT_TRUE(file->Checkpoint().ok());
  EXPECT_FALSE(file->WantsCheckpoint());
  EXPECT_EQ(std::filesystem::file_size(path_ + "-wal"), 0u);
  EXPECT_EQ((*file->ReadAll())[0].calls, writes);
}

TEST_F(UsageFileTest, RowsAreWrittenWhileACheckpointRuns) {
  const auto file = Open();
  std::thread syncer;
  std::atomic<bool> end = false;
  syncer = std::thread([&] {
    while (!end) EXPECT_TRUE(file->Checkpoint().ok());
  });
  UsageRow row = SomeRow();
  for (row.calls = 1; row.calls < 3000; ++row.calls) {
    EXPECT_TRUE(file->WriteAll({row}).ok());
  }
  end = true;
  syncer.join();
  EXPECT_EQ((*file->ReadAll())[0].calls, 2999);
}

TEST_F(UsageFileTest, AFileThatIsNoDatabaseIsLeftAlone) {
  std::ofstream(path_) << "diary, not to be written over by anyone at all\n";
  EXPECT_THAT(OpenUsageFile(path_).status().message(),
              HasSubstr("not a database"));
  EXPECT_EQ(std::filesystem::file_size(path_), 47u);
}

TEST_F(UsageFileTest, AMissingFolderIsAnError) {
  EXPECT_THAT(OpenUsageFile(directory_ + "/no/ledger").status().message(),
              HasSubstr("unable to open"));
}

TEST_F(UsageFileTest, AFolderIsNoFile) {
  EXPECT_FALSE(OpenUsageFile(directory_).ok());
}

}  // namespace
}  // namespace holysheep
