#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

struct sqlite3;
struct sqlite3_stmt;

// What the ledger's file needs of SQLite. A connection belongs to one thread at
// a time. Errors are UNAVAILABLE with SQLite's words.
namespace holysheep::sqlite {

struct CloseDatabase {
  void operator()(sqlite3* database) const;
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const;
};
using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

// Opens an existing file with a write-ahead log. All connections to one file
// must be of this process: no other process can open it meanwhile, and no
// memory is shared with one.
absl::StatusOr<Database> Open(const std::string& path);

// Translates the error of the last call on the database.
absl::Status Complaint(sqlite3* database);

// Runs statements that return no rows of interest.
absl::Status Run(sqlite3* database, const std::string& sql);

// Prepares a statement that is used many times.
absl::StatusOr<Statement> Prepare(sqlite3* database, const std::string& sql);

}  // namespace holysheep::sqlite
