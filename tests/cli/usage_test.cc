#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli/fake_node.h"
#include "cli/program_run.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

class UsageTest : public ::testing::Test {
 protected:
  FakeNode node_;
  ProgramRun run_{node_.address()};
};

TEST_F(UsageTest, UsageHasARowADayAndATotal) {
  pb::GetUsageRequest asked;
  node_.usage = [&asked](const pb::GetUsageRequest& request,
                         pb::GetUsageResponse& response) {
    asked = request;
    pb::UsageRow& row = *response.add_rows();
    row.set_day("2030-01-31");
    row.set_model("m");
    row.set_caller("team");
    row.set_calls(2);
    *response.mutable_total() = row;
    return grpc::Status::OK;
  };
  EXPECT_EQ(run_({"usage", "--from", "2030-01-01", "--to", "2030-01-31",
                  "--model", "m", "--caller", "team"}),
            kExitOk);
  EXPECT_EQ(asked.from_day(), "2030-01-01");
  EXPECT_EQ(asked.to_day(), "2030-01-31");
  EXPECT_EQ(asked.model(), "m");
  EXPECT_EQ(asked.caller(), "team");
  EXPECT_THAT(run_.out, HasSubstr("2030-01-31  m      team        2"));
  EXPECT_THAT(run_.out, HasSubstr("\nTOTAL       m      team        2"));
}

// Two days of two apps, in pages of one row.
grpc::Status PagesOfUsage(const pb::GetUsageRequest& request,
                          pb::GetUsageResponse& response) {
  int place = 0;
  if (!request.page_token().empty()) {
    EXPECT_TRUE(absl::SimpleAtoi(request.page_token(), &place));
  }
  pb::UsageRow& row = *response.add_rows();
  row.set_day(place < 2 ? "2030-01-01" : "2030-01-02");
  row.set_model("m");
  row.set_app(place % 2 == 0 ? "bot" : "chat");
  if (place % 2 == 0) row.set_app_name("Support");
  row.set_calls(1 + place);
  row.mutable_cost()->set_total("0.00000000000" + std::to_string(1 + place));
  row.mutable_cost()->set_currency("USD");
  response.mutable_total()->set_calls(10);
  if (place < 3) response.set_next_page_token(absl::StrCat(place + 1));
  return grpc::Status::OK;
}

TEST_F(UsageTest, UsageIsReadToItsLastPage) {
  node_.usage = PagesOfUsage;
  EXPECT_EQ(run_({"usage"}), kExitOk);
  EXPECT_THAT(run_.out, HasSubstr("2030-01-01  m              Support (bot)"));
  EXPECT_THAT(run_.out, HasSubstr("2030-01-02  m              chat"));
  EXPECT_THAT(run_.out, ContainsRegex("\nTOTAL +10 "));
}

TEST_F(UsageTest, UsageIsSummedUpByWhatIsAskedFor) {
  node_.usage = PagesOfUsage;
  EXPECT_EQ(run_({"usage", "--by", "app"}), kExitOk);
  EXPECT_THAT(run_.out, HasSubstr("APP            CALLS"));
  EXPECT_THAT(run_.out, HasSubstr("Support (bot)      4"));
  EXPECT_THAT(run_.out, HasSubstr("chat               6"));
  EXPECT_THAT(run_.out, HasSubstr("TOTAL             10"));
  EXPECT_EQ(run_({"usage", "--by", "day", "--json"}), kExitOk);
  EXPECT_THAT(run_.out, HasSubstr("\"total\": \"0.000000000003\""));
  EXPECT_THAT(run_.out, HasSubstr("\"total\": \"0.000000000007\""));
  EXPECT_EQ(run_({"usage", "--by", "week"}), kExitUsage);
}

TEST_F(UsageTest, UsageCanBeOfOneApp) {
  pb::GetUsageRequest asked;
  node_.usage = [&asked](const pb::GetUsageRequest& request,
                         pb::GetUsageResponse&) {
    asked = request;
    return grpc::Status::OK;
  };
  EXPECT_EQ(run_({"usage", "--app", "bot"}), kExitOk);
  EXPECT_EQ(asked.app(), "bot");
}

}  // namespace
}  // namespace holysheep::cli
