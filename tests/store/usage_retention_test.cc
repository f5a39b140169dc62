#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "store/fake_disk.h"
#include "store/usage_ledger.h"

namespace holysheep {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);

std::string DaysOf(const UsageLedger& ledger) {
  std::string days;
  for (const UsageRow& row : ledger.Rows()) {
    absl::StrAppend(&days, row.day.substr(2), " ");
  }
  return days;
}

// Charges on the four days from `kNoon`.
void FillFourDays(FakeDisk& disk) {
  for (int day = 0; day < 4; ++day) {
    LedgerOn(disk)->Add(kNoon + day * kDay, SomeCharge());
  }
}

TEST(UsageRetentionTest, OldDaysGoWhenItOpensAndWhenADayBegins) {
  FakeDisk disk;
  FillFourDays(disk);
  const auto ledger = LedgerOn(disk, kNoon + 4 * kDay, /*retain_days=*/1);
  EXPECT_EQ(DaysOf(*ledger), "26-03-13 ");
  ledger->Add(kNoon + 4 * kDay, SomeCharge());
  ledger->Add(kNoon + 5 * kDay, SomeCharge());
  ledger->Add(kNoon + 7 * kDay, SomeCharge());
  EXPECT_EQ(DaysOf(*ledger), "26-03-17 ");
  disk.Work();
  EXPECT_EQ(disk.rows.size(), 1u);
}

TEST(UsageRetentionTest, AClockThatIsYearsAheadRemovesNothing) {
  FakeDisk disk;
  FillFourDays(disk);
  const absl::Time wrong = kNoon + 5 * 365 * kDay;
  for (int start = 0; start < 3; ++start) {
    const auto ledger = LedgerOn(disk, wrong, /*retain_days=*/30);
    ledger->Add(wrong, SomeCharge());
    ledger->Add(wrong + kDay, SomeCharge());
    disk.Work();
  }
  const auto ledger = LedgerOn(disk, kNoon + 4 * kDay, /*retain_days=*/30);
  EXPECT_EQ(DaysOf(*ledger),
            "26-03-10 26-03-11 26-03-12 26-03-13 31-03-09 31-03-10 ");
  EXPECT_EQ(disk.rows.size(), 6u);
}

TEST(UsageRetentionTest, AClockThatIsYearsBehindRemovesNothing) {
  FakeDisk disk;
  FillFourDays(disk);
  LedgerOn(disk, absl::UnixEpoch(), /*retain_days=*/30)
      ->Add(absl::UnixEpoch(), SomeCharge());
  EXPECT_EQ(disk.rows.size(), 5u);
}

TEST(UsageRetentionTest, AClockIsBelievedOnceThreeDaysHaveShownIt) {
  FakeDisk disk;
  FillFourDays(disk);
  const absl::Time later = kNoon + 5 * 365 * kDay;
  const auto ledger = LedgerOn(disk, later, /*retain_days=*/30);
  for (int day = 0; day < 4; ++day) {
    ledger->Add(later + day * kDay, SomeCharge());
  }
  EXPECT_EQ(DaysOf(*ledger), "31-03-09 31-03-10 31-03-11 31-03-12 ");
}

TEST(UsageRetentionTest, MadeUpNamesTakeNoRowFromConfiguredOnes) {
  UsageLedger ledger;
  ledger.AddNames({"gpt-4.1"}, {"team"});
  for (size_t i = 0; i < UsageLedger::kMaxRows + 10; ++i) {
    ledger.Add(kNoon, SomeCharge(absl::StrCat("made-up-", i), "team"));
  }
  ledger.Add(kNoon + kDay, SomeCharge("made-up", "team"));
  ledger.Add(kNoon + kDay, SomeCharge("gpt-4.1", "team"));
  ledger.Add(kNoon + kDay, SomeCharge("gpt-4.1", ""));
  std::string rows;
  for (const UsageRow& row : ledger.Rows()) {
    if (row.day != "2026-03-11") continue;
    absl::StrAppend(&rows, row.model, "/", row.caller, " ");
  }
  EXPECT_EQ(rows, "gpt-4.1/ gpt-4.1/team other/team ");
}

}  // namespace
}  // namespace holysheep
