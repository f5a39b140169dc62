#include "store/usage_file.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/errors.h"
#include "store/sqlite.h"
#include "store/usage_file_steps.h"
#include "store/usage_log.h"

namespace holysheep {
namespace {

using sqlite::Complaint;
using sqlite::Database;
using sqlite::Prepare;
using sqlite::Run;
using sqlite::Statement;

using Key = std::pair<const char*, std::string UsageRow::*>;
using Count = std::pair<const char*, int64_t UsageRow::*>;
using AmountColumn = std::pair<const char*, Money UsageRow::*>;

// The columns in the order of the table; `estimated` comes last. All statements
// are built from these tables.
constexpr Key kKeys[] = {{"day", &UsageRow::day},
                         {"model", &UsageRow::model},
                         {"caller", &UsageRow::caller},
                         {"app", &UsageRow::app}};
constexpr Count kCounts[] = {
    {"calls", &UsageRow::calls},
    {"prompt_tokens", &UsageRow::prompt_tokens},
    {"completion_tokens", &UsageRow::completion_tokens},
    {"total_tokens", &UsageRow::total_tokens},
    {"cached_prompt_tokens", &UsageRow::cached_prompt_tokens},
    {"cache_write_tokens", &UsageRow::cache_write_tokens},
    {"reasoning_tokens", &UsageRow::reasoning_tokens},
    {"attempts", &UsageRow::attempts},
    {"hour", &UsageRow::hour}};
constexpr AmountColumn kAmounts[] = {
    {"total", &UsageRow::total},
    {"prompt", &UsageRow::prompt},
    {"completion", &UsageRow::completion},
    {"official", &UsageRow::official},
    {"saved", &UsageRow::saved},
    {"charged", &UsageRow::charged},
    {"charged_in_hour", &UsageRow::charged_in_hour}};
// The last one is `estimated`.
constexpr size_t kColumns =
    std::size(kKeys) + std::size(kCounts) + std::size(kAmounts) + 1;

// Lists all columns, each with a suffix for its kind.
std::string Columns(absl::string_view after_key, absl::string_view after_count,
                    absl::string_view after_amount) {
  std::string columns;
  for (const Key& key : kKeys) {
    absl::StrAppend(&columns, key.first, after_key, ", ");
  }
  for (const Count& count : kCounts) {
    absl::StrAppend(&columns, count.first, after_count, ", ");
  }
  for (const AmountColumn& amount : kAmounts) {
    absl::StrAppend(&columns, amount.first, after_amount, ", ");
  }
  return absl::StrCat(columns, "estimated", after_count);
}

std::string NewTable() {
  return absl::StrCat(
      "CREATE TABLE usage (",
      Columns(" TEXT NOT NULL", " INTEGER NOT NULL", " TEXT NOT NULL"),
      ", PRIMARY KEY (day, model, caller, app)) STRICT, WITHOUT ROWID;");
}

std::string StepsFrom(int version) {
  std::string steps;
  for (int step = version; step < kUsageFileVersion; ++step) {
    absl::StrAppend(&steps, kUsageFileSteps[step - 1]);
  }
  return steps;
}

std::string TextAt(sqlite3_stmt* row, int column) {
  const auto* text =
      reinterpret_cast<const char*>(sqlite3_column_text(row, column));
  return {text, static_cast<size_t>(sqlite3_column_bytes(row, column))};
}

absl::StatusOr<UsageRow> RowAt(sqlite3_stmt* from) {
  UsageRow row;
  int column = 0;
  for (const Key& key : kKeys) row.*key.second = TextAt(from, column++);
  for (const Count& count : kCounts) {
    row.*count.second = sqlite3_column_int64(from, column++);
  }
  for (const AmountColumn& amount : kAmounts) {
    const std::string text = TextAt(from, column++);
    absl::StatusOr<Money> money = Money::ParseSigned(text);
    if (!money.ok()) {
      return absl::DataLossError(
          absl::StrCat("the ", amount.first, " of ", row.day, ", ", row.model,
                       ", is not an amount: \"", text, "\""));
    }
    row.*amount.second = *money;
  }
  row.estimated = sqlite3_column_int(from, column) != 0;
  return row;
}

// SQLITE_TRANSIENT: SQLite copies the text, since amounts are temporaries.
void Bind(sqlite3_stmt* statement, int place, const std::string& text) {
  sqlite3_bind_text(statement, place, text.data(),
                    static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

// Begin has made the table and `write_` before any other function is called.
// `write_` is reset after each use, since an open statement would hold a
// transaction. `log_` is closed last, since who closes last moves the log.
class SqliteUsageFile final : public UsageFile {
 public:
  SqliteUsageFile(Database database, std::unique_ptr<UsageLog> log)
      : log_(std::move(log)), database_(std::move(database)) {}

  absl::Status Begin() {
    absl::Status status = MakeTable();
    // The log survives the end of the process; only `log_` waits for the disk.
    if (status.ok()) {
      status = Run(database_.get(), "PRAGMA synchronous = OFF");
      log_->Watch(database_.get());
    }
    if (!status.ok()) return status;
    const std::string places =
        absl::StrJoin(std::vector<std::string>(kColumns, "?"), ", ");
    auto write =
        Prepare(database_.get(),
                absl::StrCat("INSERT OR REPLACE INTO usage (",
                             Columns("", "", ""), ") VALUES (", places, ")"));
    if (!write.ok()) return write.status();
    write_ = *std::move(write);
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<UsageRow>> ReadAll() override {
    const auto select =
        Prepare(database_.get(),
                absl::StrCat("SELECT ", Columns("", "", ""),
                             " FROM usage ORDER BY day, model, caller, app"));
    if (!select.ok()) return select.status();
    std::vector<UsageRow> rows;
    int code = 0;
    while ((code = sqlite3_step(select->get())) == SQLITE_ROW) {
      absl::StatusOr<UsageRow> row = RowAt(select->get());
      if (!row.ok()) return row.status();
      rows.push_back(*std::move(row));
    }
    if (code != SQLITE_DONE) return Complaint(database_.get());
    return rows;
  }

  absl::Status Write(const UsageRow& row) override {
    int place = 1;
    for (const Key& key : kKeys) Bind(write_.get(), place++, row.*key.second);
    for (const Count& count : kCounts) {
      sqlite3_bind_int64(write_.get(), place++, row.*count.second);
    }
    for (const AmountColumn& amount : kAmounts) {
      Bind(write_.get(), place++, (row.*amount.second).ToString());
    }
    sqlite3_bind_int(write_.get(), place, row.estimated ? 1 : 0);
    const int code = sqlite3_step(write_.get());
    const absl::Status status =
        code == SQLITE_DONE ? absl::OkStatus() : Complaint(database_.get());
    sqlite3_reset(write_.get());
    return status;
  }

  absl::Status WriteAll(const std::vector<UsageRow>& rows) override {
    const std::lock_guard turn(log_->turn());
    // By far the most frequent: one statement is a transaction by itself.
    if (rows.size() == 1) return Write(rows[0]);
    absl::Status status = Run(database_.get(), "BEGIN IMMEDIATE");
    for (const UsageRow& row : rows) {
      if (status.ok()) status = Write(row);
    }
    if (status.ok()) status = Run(database_.get(), "COMMIT");
    const bool open = sqlite3_get_autocommit(database_.get()) == 0;
    if (open) static_cast<void>(Run(database_.get(), "ROLLBACK"));
    return status;
  }

  bool WantsCheckpoint() const override { return log_->IsLong(); }
  absl::Status Checkpoint() override { return log_->Shorten(); }

  absl::Status RemoveBefore(absl::string_view day) override {
    const std::lock_guard turn(log_->turn());
    const auto remove =
        Prepare(database_.get(), "DELETE FROM usage WHERE day < ?");
    if (!remove.ok()) return remove.status();
    Bind(remove->get(), 1, std::string(day));
    return sqlite3_step(remove->get()) == SQLITE_DONE
               ? absl::OkStatus()
               : Complaint(database_.get());
  }

 private:
  // The version of the file's table; 0 if it has none. Its statement is gone
  // afterwards: while it is open no table can be dropped.
  absl::StatusOr<int> Version() {
    const auto version = Prepare(database_.get(), "PRAGMA user_version");
    if (!version.ok()) return version.status();
    if (sqlite3_step(version->get()) != SQLITE_ROW) {
      return Complaint(database_.get());
    }
    return sqlite3_column_int(version->get(), 0);
  }

  // Creates the table, or upgrades an older one, in one transaction.
  absl::Status MakeTable() {
    const absl::StatusOr<int> version = Version();
    if (!version.ok()) return version.status();
    const int found = *version;
    if (found > kUsageFileVersion) {
      return absl::FailedPreconditionError(
          "the file is of a newer version of the service");
    }
    if (found == kUsageFileVersion) return absl::OkStatus();
    const std::string make = found > 0 ? StepsFrom(found) : NewTable();
    return Run(database_.get(),
               absl::StrCat("BEGIN;", make, "PRAGMA user_version = ",
                            kUsageFileVersion, ";COMMIT"));
  }

  const std::unique_ptr<UsageLog> log_;
  const Database database_;
  Statement write_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<UsageFile>> OpenUsageFile(
    const std::string& path) {
  // SQLite would create it readable by everyone.
  const int made = open(path.c_str(), O_CREAT | O_CLOEXEC | O_RDWR, 0600);
  if (made >= 0) close(made);
  auto log = UsageLog::Open(path);
  if (!log.ok()) return log.status();
  auto database = sqlite::Open(path);
  if (!database.ok()) return database.status();
  auto file =
      std::make_unique<SqliteUsageFile>(*std::move(database), *std::move(log));
  absl::Status status = file->Begin();
  if (!status.ok()) return status;
  return file;
}

}  // namespace holysheep
