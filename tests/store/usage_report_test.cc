#include "store/usage_report.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/node.pb.h"

namespace holysheep {
namespace {

constexpr absl::Time kNow = absl::FromUnixSeconds(1'800'014'400);

class UsageReportTest : public testing::Test {
 protected:
  void Charge(absl::string_view app, absl::string_view model = "m",
              absl::string_view caller = "c") {
    holysheep::Charge charge;
    charge.model = model;
    charge.caller = caller;
    charge.app = app;
    charge.total = Money::FromPicos(1);
    ledger_.Add(kNow, charge);
  }
  absl::StatusOr<pb::GetUsageResponse> Report(
      const pb::GetUsageRequest& request) {
    return ReportUsage(ledger_, request, [](absl::string_view id) {
      return id == "bot" ? "Support bot" : "";
    });
  }
  // The apps of all pages, and how many pages there were.
  std::string Walk(pb::GetUsageRequest request, int* pages) {
    std::string apps;
    for (*pages = 1; *pages < 100; ++*pages) {
      const auto page = Report(request);
      if (!page.ok()) return page.status().ToString();
      EXPECT_EQ(page->total().attempts(), total_) << "on page " << *pages;
      for (const pb::UsageRow& row : page->rows()) {
        absl::StrAppend(&apps, row.app(), " ");
      }
      if (page->next_page_token().empty()) break;
      request.set_page_token(page->next_page_token());
    }
    return apps;
  }
  void ExpectRefused(const pb::GetUsageRequest& request, const char* field) {
    const auto report = Report(request);
    EXPECT_EQ(report.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(DetailsOf(report.status()).field, field);
  }

  UsageLedger ledger_;
  int64_t total_ = 0;
};

TEST_F(UsageReportTest, AnAppIsShownWithTheNameThatPeopleGiveIt) {
  Charge("bot");
  Charge("chat");
  pb::GetUsageRequest request;
  ASSERT_EQ(Report(request)->rows_size(), 2);
  EXPECT_EQ(Report(request)->rows(0).app_name(), "Support bot");
  EXPECT_EQ(Report(request)->rows(1).app(), "chat");
  EXPECT_EQ(Report(request)->rows(1).app_name(), "");
  request.set_app("chat");
  ASSERT_EQ(Report(request)->rows_size(), 1);
  EXPECT_EQ(Report(request)->total().attempts(), 1);
}

TEST_F(UsageReportTest, PagesTogetherAreAllRowsOnceInTheirOrder) {
  for (const char* app : {"d", "a", "c", "b", "e"}) Charge(app);
  total_ = 5;
  pb::GetUsageRequest request;
  int pages = 0;
  for (const int size : {1, 2, 3, 4, 5, 6}) {
    request.set_page_size(size);
    EXPECT_EQ(Walk(request, &pages), "a b c d e ") << size;
    EXPECT_EQ(pages, (5 + size - 1) / size);
  }
}

TEST_F(UsageReportTest, ARowThatIsNewBetweenTwoPagesDisturbsNone) {
  for (const char* app : {"a", "c", "e"}) Charge(app);
  pb::GetUsageRequest request;
  request.set_page_size(2);
  request.set_page_token(Report(request)->next_page_token());
  Charge("b");
  Charge("d");
  const auto rest = Report(request);
  ASSERT_EQ(rest->rows_size(), 2);
  EXPECT_EQ(rest->rows(0).app(), "d");
  EXPECT_EQ(rest->rows(1).app(), "e");
}

TEST_F(UsageReportTest, ThePageThatNobodyHasSizedHasAThousandRows) {
  total_ = 1001;
  for (int i = 0; i < total_; ++i) Charge(absl::StrCat(i));
  const auto page = Report({});
  EXPECT_EQ(page->rows_size(), 1000);
  EXPECT_FALSE(page->next_page_token().empty());
  int pages = 0;
  Walk({}, &pages);
  EXPECT_EQ(pages, 2);
}

TEST_F(UsageReportTest, APageFitsIntoAMessageHoweverLongTheNames) {
  const std::string longest(256, 'x');
  total_ = 6000;
  for (int i = 0; i < total_; ++i) {
    Charge(absl::StrCat(1'000'000 + i, longest.substr(7)), longest, longest);
  }
  pb::GetUsageRequest request;
  request.set_page_size(1'000'000);
  EXPECT_LT(Report(request)->ByteSizeLong(), size_t{4} << 20);
  EXPECT_GT(Report(request)->rows_size(), 1000);
  int pages = 0;
  Walk(request, &pages);
  EXPECT_GT(pages, 1);
}

TEST_F(UsageReportTest, ATokenIsForTheSameRequestOnly) {
  for (const char* app : {"a", "b", "c"}) Charge(app);
  pb::GetUsageRequest request;
  request.set_page_size(1);
  const std::string token = Report(request)->next_page_token();
  request.set_page_token(token);
  request.set_page_size(2);
  EXPECT_TRUE(Report(request).ok());
  request.set_model("m");
  ExpectRefused(request, "page_token");
  request.clear_model();
  for (const std::string& wrong :
       {std::string("x"), std::string("00"), token.substr(2), token + "0",
        token.substr(0, token.size() - 2), token + "ff"}) {
    request.set_page_token(wrong);
    ExpectRefused(request, "page_token");
  }
}

TEST_F(UsageReportTest, ANegativePageIsRefused) {
  pb::GetUsageRequest request;
  request.set_page_size(-1);
  ExpectRefused(request, "page_size");
}

}  // namespace
}  // namespace holysheep
