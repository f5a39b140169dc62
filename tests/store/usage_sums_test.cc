#include <cstdint>
#include <limits>

#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"
#include "store/usage_ledger.h"
#include "support/requests.h"

namespace holysheep {
namespace {

TEST(UsageSumsTest, SumsGoBeyondTheCountsOfOneCall) {
  UsageLedger ledger;
  Answer answer = Ending();
  answer.response.mutable_usage()->set_total_tokens(2'000'000'000);
  for (int i = 0; i < 3; ++i) {
    ledger.Record({MakeRequest(), absl::OkStatus(), &answer, absl::Seconds(1)});
  }
  EXPECT_EQ(ledger.Rows()[0].total_tokens, 6'000'000'000);
}

TEST(UsageSumsTest, ASumThatAFileHoldsNeverOverflows) {
  UsageRow row;
  row.day = "2026-03-10";
  row.model = "deepseek-v3.2";
  row.total_tokens = std::numeric_limits<int64_t>::max() - 1;
  RequestSpec spec;
  spec.arrived = StartOf(row);
  UsageLedger ledger({}, {row}, spec.arrived);
  spec.caller = "";
  const Answer answer = Ending();
  ledger.Record(
      {MakeRequest(spec), absl::OkStatus(), &answer, absl::Seconds(1)});
  ASSERT_EQ(ledger.Rows().size(), 1u);
  EXPECT_EQ(ledger.Rows()[0].total_tokens, std::numeric_limits<int64_t>::max());
}

}  // namespace
}  // namespace holysheep
