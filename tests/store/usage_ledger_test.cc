#include "store/usage_ledger.h"

#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "chat/effort.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"
#include "support/requests.h"

namespace holysheep {
namespace {

absl::Time Utc(absl::string_view text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime("%Y-%m-%d %H:%M:%E*S", text, &time, &error))
      << text;
  return time;
}

const absl::Time kNoon = Utc("2026-03-10 12:00:00");

Charge SomeCharge(absl::string_view model = "m",
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

TEST(UsageLedgerTest, AddsUpWhatAnswersSay) {
  UsageLedger ledger;
  RequestSpec spec;
  spec.caller = "c";
  spec.arrived = kNoon;
  const ChatRequest request = MakeRequest(spec);
  pb::InvokeResponse response = Ending();
  ledger.Record({request, absl::OkStatus(), &response, absl::Seconds(1)});
  response.mutable_cost()->set_total("0");
  response.mutable_cost()->set_saved("-0.5");
  ledger.Record({request, absl::OkStatus(), &response, absl::Seconds(1)});
  const auto rows = ledger.Rows();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].caller, "c");
  EXPECT_EQ(rows[0].calls, 2);
  EXPECT_EQ(rows[0].prompt_tokens, 20);
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
  request.effort = std::make_shared<Effort>();
  request.effort->model = "deepseek-v3.2";
  const pb::InvokeResponse response = Ending();
  ledger.Record({request, absl::OkStatus(), &response, absl::Seconds(1)});
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
