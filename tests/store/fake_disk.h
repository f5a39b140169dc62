#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "store/usage_ledger.h"
#include "support/fake_worker.h"

namespace holysheep {

inline absl::Time Utc(absl::string_view text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M:%E*S", text, &time, &error))
      << text;
  return time;
}

inline const absl::Time kNoon = Utc("2026-03-10 12:00:00");

inline Charge SomeCharge(absl::string_view model = "m",
                         absl::string_view caller = "c") {
  Charge charge;
  charge.model = model;
  charge.caller = caller;
  charge.prompt_tokens = 100;
  charge.completion_tokens = 10;
  charge.cached_prompt_tokens = 40;
  charge.total = Money::FromPicos(3);
  charge.official = Money::FromPicos(7);
  return charge;
}

// A file in memory that can be made to fail, and the thread that writes it,
// which does nothing before Work.
struct FakeDisk {
  void Work() { writer->Work(); }

  std::map<std::string, UsageRow> rows;
  bool full = false;
  int complaints = 0;
  int writes = 0;
  FakeWorker* writer = nullptr;
};

class FakeFile final : public UsageFile {
 public:
  explicit FakeFile(FakeDisk& disk) : disk_(disk) {}

  absl::StatusOr<std::vector<UsageRow>> ReadAll() override {
    std::vector<UsageRow> rows;
    for (const auto& [key, row] : disk_.rows) rows.push_back(row);
    return rows;
  }
  absl::Status WriteAll(const std::vector<UsageRow>& rows) override {
    ++disk_.writes;
    for (const UsageRow& row : rows) {
      absl::Status status = Write(row);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }
  absl::Status Write(const UsageRow& row) override {
    if (disk_.full) return absl::UnavailableError("the disk is full");
    disk_.rows[absl::StrCat(row.day, row.model, row.caller)] = row;
    return absl::OkStatus();
  }
  absl::Status RemoveBefore(absl::string_view day) override {
    disk_.rows.erase(disk_.rows.begin(),
                     disk_.rows.lower_bound(std::string(day)));
    return absl::OkStatus();
  }

 private:
  FakeDisk& disk_;
};

inline std::unique_ptr<UsageLedger> LedgerOn(FakeDisk& disk,
                                             absl::Time now = kNoon,
                                             int64_t retain_days = 0) {
  UsageLedgerOptions options;
  options.file = std::make_unique<FakeFile>(disk);
  auto writer = std::make_unique<FakeWorker>();
  disk.writer = writer.get();
  options.writer = std::move(writer);
  options.retain_days = retain_days;
  options.on_trouble = [&disk](const absl::Status&) { ++disk.complaints; };
  return *OpenUsageLedger(std::move(options), now);
}

}  // namespace holysheep
