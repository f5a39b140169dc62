#pragma once

#include <iterator>

#include "absl/strings/string_view.h"

// The history of the ledger's table, for usage_file.cc alone. A step is never
// changed once a version of the service has had it: files that took it are out
// there.
namespace holysheep {

// The version of the table. It is written into the file, so that a later
// version of the service can recognise it.
inline constexpr int kUsageFileVersion = 4;

// The steps to it, in SQL, each from the version of its position, counting from
// 1. Before version 2 the charges of the last hour were not recorded, before
// version 3 the tokens written to the upstream's cache. Before version 4 the
// app was not; as it is part of the key, there is a new table.
inline constexpr absl::string_view kUsageFileSteps[] = {
    "ALTER TABLE usage ADD COLUMN hour INTEGER NOT NULL DEFAULT 0;"
    "ALTER TABLE usage ADD COLUMN charged_in_hour TEXT NOT NULL DEFAULT '0';",

    "ALTER TABLE usage ADD COLUMN cache_write_tokens INTEGER NOT NULL "
    "DEFAULT 0;",

    "ALTER TABLE usage RENAME TO usage_without_app;"
    "CREATE TABLE usage (day TEXT NOT NULL, model TEXT NOT NULL,"
    " caller TEXT NOT NULL, app TEXT NOT NULL, calls INTEGER NOT NULL,"
    " prompt_tokens INTEGER NOT NULL, completion_tokens INTEGER NOT NULL,"
    " total_tokens INTEGER NOT NULL, cached_prompt_tokens INTEGER NOT NULL,"
    " cache_write_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL,"
    " attempts INTEGER NOT NULL, hour INTEGER NOT NULL, total TEXT NOT NULL,"
    " prompt TEXT NOT NULL, completion TEXT NOT NULL, official TEXT NOT NULL,"
    " saved TEXT NOT NULL, charged TEXT NOT NULL,"
    " charged_in_hour TEXT NOT NULL, estimated INTEGER NOT NULL,"
    " PRIMARY KEY (day, model, caller, app)) STRICT, WITHOUT ROWID;"
    "INSERT INTO usage SELECT day, model, caller, '', calls, prompt_tokens,"
    " completion_tokens, total_tokens, cached_prompt_tokens,"
    " cache_write_tokens, reasoning_tokens, attempts, hour, total, prompt,"
    " completion, official, saved, charged, charged_in_hour, estimated"
    " FROM usage_without_app;"
    "DROP TABLE usage_without_app;"};
static_assert(std::size(kUsageFileSteps) == kUsageFileVersion - 1);

}  // namespace holysheep
