// Usage by app.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"
#include "store/usage_ledger.h"
#include "support/requests.h"

namespace holysheep {
namespace {

constexpr absl::Time kNow = absl::FromUnixSeconds(1'800'014'400);

Charge ChargeOf(absl::string_view app, absl::string_view model = "m") {
  Charge charge;
  charge.model = model;
  charge.caller = "c";
  charge.app = app;
  charge.total = Money::FromPicos(1);
  return charge;
}

// So many rows of apps that were made up.
void Fill(UsageLedger& ledger, size_t rows) {
  for (size_t i = 0; i < rows; ++i) {
    ledger.Add(kNow, ChargeOf(absl::StrCat("made-up-", i)));
  }
}

const UsageRow* Find(const std::vector<UsageRow>& rows, absl::string_view app,
                     absl::string_view model = "m") {
  for (const UsageRow& row : rows) {
    if (row.app == app && row.model == model) return &row;
  }
  return nullptr;
}

TEST(UsageAppsTest, AnswersAndChargesOfAnAppMeetInOneRow) {
  UsageLedger ledger;
  RequestSpec spec;
  spec.caller = "c";
  spec.arrived = kNow;
  spec.message.mutable_caller()->set_app_id("bot");
  const Answer answer = Ending();
  ledger.Record(
      {MakeRequest(spec), absl::OkStatus(), &answer, absl::Seconds(1)});
  ledger.Add(kNow, ChargeOf("bot", "deepseek-v3.2"));
  ledger.Add(kNow, ChargeOf("", "deepseek-v3.2"));
  const auto rows = ledger.Rows();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].app, "");
  EXPECT_EQ(rows[1].app, "bot");
  EXPECT_EQ(rows[1].calls, 1);
  EXPECT_EQ(rows[1].attempts, 1);
}

TEST(UsageAppsTest, MadeUpAppsLeaveRoomForModels) {
  UsageLedger ledger;
  Fill(ledger, UsageLedger::kMaxAppRows + 100);
  ledger.Add(kNow, ChargeOf("made-up-7"));  // Has a row of its own already.
  ledger.Add(kNow, ChargeOf("late", "new-model"));
  const auto rows = ledger.Rows();
  ASSERT_NE(Find(rows, "other"), nullptr);
  EXPECT_EQ(Find(rows, "other")->attempts, 100);
  EXPECT_EQ(Find(rows, "made-up-7")->attempts, 2);
  EXPECT_NE(Find(rows, "other", "new-model"), nullptr);
  EXPECT_LE(rows.size(), UsageLedger::kMaxAppRows + 2);
}

TEST(UsageAppsTest, AnAppOfTheConfigurationHasARowWhateverOthersMakeUp) {
  UsageLedger ledger;
  ledger.SetKnownApps({"bot"});
  Fill(ledger, UsageLedger::kMaxAppRows);
  for (size_t i = 0; i < UsageLedger::kMaxRows; ++i) {
    ledger.Add(kNow, ChargeOf("", absl::StrCat("model-", i)));
  }
  ledger.Add(kNow, ChargeOf("bot"));
  ledger.Add(kNow, ChargeOf("late"));
  const auto rows = ledger.Rows();
  EXPECT_NE(Find(rows, "bot", "other"), nullptr);
  EXPECT_EQ(Find(rows, "late", "other"), nullptr);
  EXPECT_NE(Find(rows, "other", "other"), nullptr);
  EXPECT_LE(rows.size(), UsageLedger::kMaxRows + 3);
}

TEST(UsageAppsTest, BudgetsHearWhoseSpendingItWas) {
  UsageLedger ledger;
  ledger.Add(kNow, ChargeOf("bot"));
  const Spending spending = SpendingOf(ledger.Rows().at(0));
  EXPECT_EQ(spending.app, "bot");
  EXPECT_EQ(spending.caller, "c");
  EXPECT_EQ(spending.model, "m");
  EXPECT_EQ(spending.in_day, Money::FromPicos(1));
  EXPECT_EQ(spending.in_hour, Money::FromPicos(1));
}

}  // namespace
}  // namespace holysheep
