#include "store/usage_ledger.h"

#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "chat/attempt_stats.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"
#include "store/fake_disk.h"
#include "support/requests.h"

namespace holysheep {
namespace {

TEST(UsageLedgerTest, AddsUpWhatAttemptsCost) {
  UsageLedger ledger;
  ledger.Add(kNoon, SomeCharge());
  ledger.Add(kNoon + absl::Hours(1), SomeCharge());
  const auto rows = ledger.Rows();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].day, "2026-03-10");
  EXPECT_EQ(rows[0].model, "m");
  EXPECT_EQ(rows[0].caller, "c");
  EXPECT_EQ(rows[0].attempts, 2);
  EXPECT_EQ(rows[0].charged, Money::FromPicos(6));
  EXPECT_EQ(rows[0].calls, 0);
}

TEST(UsageLedgerTest, AddsUpWhatTheLastHourCost) {
  UsageRow row;
  row.day = "2026-11-20";
  const auto charge = [&row](int hour, int64_t picos) {
    AddCharge(StartOf(row) + absl::Hours(hour) + absl::Minutes(59),
              Money::FromPicos(picos), row);
  };
  charge(9, 1);
  charge(9, 2);
  EXPECT_EQ(row.charged_in_hour, Money::FromPicos(3));
  charge(13, 5);
  charge(9, 100);  // Of a call that arrived then.
  EXPECT_EQ(row.hour, 13);
  EXPECT_EQ(row.charged_in_hour, Money::FromPicos(5));
  EXPECT_EQ(row.charged, Money::FromPicos(108));
}

TEST(UsageLedgerTest, AddsUpWhatAnswersSay) {
  UsageLedger ledger;
  RequestSpec spec;
  spec.caller = "c";
  spec.arrived = kNoon;
  const ChatRequest request = MakeRequest(spec);
  Answer answer = Ending();
  answer.response.mutable_usage()->set_cached_prompt_tokens(5);
  answer.response.mutable_usage()->set_cache_write_tokens(3);
  ledger.Record({request, absl::OkStatus(), &answer, absl::Seconds(1)});
  answer.cost->total = Money();
  answer.cost->saved = Money::ParseSigned("-0.5").value();
  ledger.Record({request, absl::OkStatus(), &answer, absl::Seconds(1)});
  const auto rows = ledger.Rows();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].caller, "c");
  EXPECT_EQ(rows[0].calls, 2);
  EXPECT_EQ(rows[0].prompt_tokens, 20);
  EXPECT_EQ(rows[0].cached_prompt_tokens, 10);
  EXPECT_EQ(rows[0].cache_write_tokens, 6);
  EXPECT_EQ(rows[0].total_tokens, 60);
  EXPECT_EQ(rows[0].total.ToString(), "0.0000126");
  EXPECT_EQ(rows[0].saved.ToString(), "-0.4999286");
}

TEST(UsageLedgerTest, ACallWithoutAnAnswerIsNoRow) {
  UsageLedger ledger;
  ledger.Record({MakeRequest(), MakeError(Reason::kUpstream5xx, "down"),
                 nullptr, absl::Seconds(1)});
  EXPECT_TRUE(ledger.Rows().empty());
}

TEST(UsageLedgerTest, AnAnswerCountsForTheModelThatWasAskedLast) {
  UsageLedger ledger;
  RequestSpec spec;
  spec.model = "gpt-4.1";
  ChatRequest request = MakeRequest(spec);
  request.attempt_stats = std::make_shared<AttemptStats>();
  request.attempt_stats->model = "deepseek-v3.2";
  const Answer answer = Ending();
  ledger.Record({request, absl::OkStatus(), &answer, absl::Seconds(1)});
  EXPECT_EQ(ledger.Rows().at(0).model, "deepseek-v3.2");
}

TEST(UsageLedgerTest, ADayBeginsAtMidnightUtc) {
  UsageLedger ledger;
  ledger.Add(Utc("2026-03-10 23:59:59.999"), SomeCharge());
  ledger.Add(Utc("2026-03-11 00:00:00"), SomeCharge());
  const auto rows = ledger.Rows();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].day, "2026-03-10");
  EXPECT_EQ(rows[1].day, "2026-03-11");
}

TEST(UsageLedgerTest, RowsComeByDayModelAndCaller) {
  UsageLedger ledger;
  ledger.Add(kNoon + absl::Hours(24), SomeCharge("a", "a"));
  ledger.Add(kNoon, SomeCharge("b", "a"));
  ledger.Add(kNoon, SomeCharge("a", "b"));
  ledger.Add(kNoon, SomeCharge("a", "a"));
  std::string order;
  for (const auto& row : ledger.Rows()) {
    absl::StrAppend(&order, row.day, row.model, row.caller, " ");
  }
  EXPECT_EQ(order, "2026-03-10aa 2026-03-10ab 2026-03-10ba 2026-03-11aa ");
}

TEST(UsageLedgerTest, Promise12TheSumOfTheRowsIsTheSumOfTheCharges) {
  std::mt19937_64 random(1);
  UsageLedger ledger;
  Money total;
  for (int i = 0; i < 2000; ++i) {
    Charge charge = SomeCharge(random() % 2 == 0 ? "m" : "n",
                               random() % 2 == 0 ? "c" : "d");
    charge.total = Money::FromPicos(random() % 1'000'000'000'000);
    total += charge.total;
    ledger.Add(kNoon + absl::Minutes(i), charge);
  }
  for (const auto& row : ledger.Rows()) {
    total = total - row.charged;
  }
  EXPECT_EQ(total, Money());
}

TEST(UsageLedgerTest, TheRowsAreBoundedAndNothingIsLost) {
  UsageLedger ledger;
  const size_t charges = UsageLedger::kMaxRows + 500;
  for (size_t i = 0; i < charges; ++i) {
    ledger.Add(kNoon, SomeCharge(absl::StrCat("model-", i)));
  }
  ledger.Add(kNoon, SomeCharge("model-0"));  // Has a row of its own already.
  const auto rows = ledger.Rows();
  EXPECT_LE(rows.size(), UsageLedger::kMaxRows + 1);
  size_t attempts = 0;
  for (const auto& row : rows) {
    attempts += row.attempts;
    const int64_t expected = row.model == "other"     ? 500
                             : row.model == "model-0" ? 2
                                                      : 1;
    ASSERT_EQ(row.attempts, expected) << row.model;
  }
  EXPECT_EQ(attempts, charges + 1);
}

}  // namespace
}  // namespace holysheep
