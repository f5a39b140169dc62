#include "store/sqlite.h"

#include <sqlite3.h>

namespace holysheep::sqlite {

void CloseDatabase::operator()(sqlite3* database) const {
  sqlite3_close(database);
}
void FinalizeStatement::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

absl::StatusOr<Database> Open(const std::string& path) {
  sqlite3* opened = nullptr;
  // This VFS keeps other processes out, and the log's index in our memory.
  const int code =
      sqlite3_open_v2(path.c_str(), &opened,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, "unix-excl");
  Database database(opened);
  if (code != SQLITE_OK) return Complaint(opened);
  absl::Status status = Run(opened,
                            "PRAGMA journal_mode = WAL;"
                            "PRAGMA synchronous = NORMAL;");
  if (!status.ok()) return status;
  return database;
}

// SQLite's own text for a busy file says only `database is locked`.
absl::Status Complaint(sqlite3* database) {
  const int code = sqlite3_errcode(database);
  if (code == SQLITE_BUSY) {
    return absl::UnavailableError("another process uses the file");
  }
  return absl::UnavailableError(sqlite3_errmsg(database));
}

absl::Status Run(sqlite3* database, const std::string& sql) {
  const int code =
      sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : Complaint(database);
}

absl::StatusOr<Statement> Prepare(sqlite3* database, const std::string& sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(database, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT,
                         &statement, nullptr) != SQLITE_OK) {
    return Complaint(database);
  }
  return Statement(statement);
}

}  // namespace holysheep::sqlite
