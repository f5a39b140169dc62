#include "store/usage_writer.h"

#include <memory>

#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"
#include "store/fake_disk.h"
#include "support/requests.h"

namespace holysheep {
namespace {

TEST(UsageWriterTest, Promise12WhoWaitsForTheFileGoesOnWhenItHasTheRow) {
  FakeDisk disk;
  const auto ledger = LedgerOn(disk);
  EXPECT_TRUE(ledger->IsKept());
  ledger->Add(kNoon, SomeCharge());
  EXPECT_FALSE(ledger->IsKept());
  bool kept = false;
  ledger->WhenKept([&] {
    kept = true;
    EXPECT_EQ(disk.rows.begin()->second.charged, Money::FromPicos(3));
  });
  EXPECT_FALSE(kept) << "and the loop was not held up";
  EXPECT_EQ(ledger->Rows()[0].attempts, 1) << "GetUsage waits for no disk";
  disk.Work();
  EXPECT_TRUE(kept);
  EXPECT_TRUE(ledger->IsKept());
  RequestSpec spec;
  spec.caller = "c";
  spec.model = "m";
  spec.arrived = kNoon;
  const Answer answer = Ending();
  ledger->Record(
      {MakeRequest(spec), absl::OkStatus(), &answer, absl::Seconds(1)});
  disk.Work();
  EXPECT_EQ(disk.rows.begin()->second.calls, 1);
}

TEST(UsageWriterTest, RowsThatComeDuringAWriteAreWrittenTogether) {
  FakeDisk disk;
  const auto ledger = LedgerOn(disk);
  for (int i = 0; i < 100; ++i) {
    ledger->Add(kNoon, SomeCharge(i % 2 == 0 ? "a" : "b"));
  }
  disk.Work();
  EXPECT_EQ(disk.writes, 1);
  EXPECT_EQ(disk.rows.size(), 2u);
  EXPECT_EQ(disk.rows.begin()->second.attempts, 50);
}

TEST(UsageWriterTest, NoCallMayBeginWhileTooManyAnswersWait) {
  FakeDisk disk;
  const auto ledger = LedgerOn(disk);
  ledger->Add(kNoon, SomeCharge());
  size_t kept = 0;
  for (size_t i = 0; i < UsageWriter::kMaxWaiting; ++i) {
    EXPECT_TRUE(ledger->HasRoom());
    ledger->WhenKept([&kept] { ++kept; });
  }
  EXPECT_FALSE(ledger->HasRoom());
  disk.Work();
  EXPECT_TRUE(ledger->HasRoom());
  EXPECT_EQ(kept, UsageWriter::kMaxWaiting);
}

TEST(UsageWriterTest, ADiskThatRefusesHoldsNobodyUp) {
  FakeDisk disk;
  const auto ledger = LedgerOn(disk);
  disk.full = true;
  ledger->Add(kNoon, SomeCharge());
  bool went_on = false;
  ledger->WhenKept([&went_on] { went_on = true; });
  disk.Work();
  EXPECT_TRUE(went_on);
}

TEST(UsageWriterTest, GoesOnFromWhatTheFileHolds) {
  FakeDisk disk;
  LedgerOn(disk)->Add(kNoon, SomeCharge());
  const auto ledger = LedgerOn(disk);
  ledger->Add(kNoon, SomeCharge());
  ASSERT_EQ(ledger->Rows().size(), 1u);
  EXPECT_EQ(ledger->Rows()[0].attempts, 2);
}

TEST(UsageWriterTest, WhatADiskDoesNotTakeIsWrittenOnceItDoes) {
  FakeDisk disk;
  const auto ledger = LedgerOn(disk);
  disk.full = true;
  ledger->Add(kNoon, SomeCharge("a"));
  disk.Work();
  ledger->Add(kNoon, SomeCharge("b"));
  disk.Work();
  EXPECT_TRUE(disk.rows.empty());
  disk.full = false;
  ledger->Add(kNoon, SomeCharge("c"));
  disk.Work();
  EXPECT_EQ(disk.rows.size(), 3u);
}

TEST(UsageWriterTest, TheEndIsTheLastChanceToWrite) {
  FakeDisk disk;
  auto ledger = LedgerOn(disk);
  disk.full = true;
  ledger->Add(kNoon, SomeCharge());
  disk.Work();
  disk.full = false;
  ledger.reset();
  EXPECT_EQ(disk.rows.size(), 1u);
}

TEST(UsageWriterTest, ComplainsOnceUntilTheDiskIsWellAgain) {
  FakeDisk disk;
  const auto ledger = LedgerOn(disk);
  for (bool full : {true, true, false, true, true}) {
    disk.full = full;
    ledger->Add(kNoon, SomeCharge());
    disk.Work();
  }
  EXPECT_EQ(disk.complaints, 2);
}

}  // namespace
}  // namespace holysheep
