#include "upstream/keep_warm.h"

#include <memory>
#include <utility>

#include "gtest/gtest.h"
#include "support/fake_event_loop.h"
#include "support/fake_transport.h"

namespace holysheep {
namespace {

struct Deaf final : HttpObserver {
  void OnHeaders(
      int, const std::vector<std::pair<std::string, std::string>>&) override {}
  absl::Status OnBody(absl::string_view) override { return absl::OkStatus(); }
  void OnDone(absl::Status) override {}
};

class KeepWarmTest : public testing::Test {
 protected:
  void Begin(absl::Duration keep_warm) {
    options_.base_url = "https://api.example.com/v1";
    options_.keep_warm = keep_warm;
    warm_ = KeepingWarm(loop_, transport_, options_);
  }
  void Call() {
    HttpRequest request;
    request.url = "https://api.example.com/v1/chat";
    call_ = warm_->Send(std::move(request), deaf_);
  }
  size_t sent() const { return transport_.transfers.size(); }

  FakeEventLoop loop_;
  FakeHttpTransport transport_;
  OpenAiOptions options_;
  Deaf deaf_;
  std::unique_ptr<HttpTransport> warm_;
  std::unique_ptr<HttpTransfer> call_;
};

TEST_F(KeepWarmTest, AnIdleUpstreamIsAskedForItsModels) {
  Begin(absl::Seconds(30));
  loop_.Advance(absl::Seconds(29));
  EXPECT_EQ(sent(), 0u);
  loop_.Advance(absl::Seconds(1));
  ASSERT_EQ(sent(), 1u);
  EXPECT_EQ(transport_.transfers[0].request.method, "GET");
  EXPECT_EQ(transport_.transfers[0].request.url,
            "https://api.example.com/v1/models");
  transport_.transfers[0].Reply(401, "{}");
  loop_.Advance(absl::Seconds(30));
  EXPECT_EQ(sent(), 2u);
}

TEST_F(KeepWarmTest, OneThatIsUsedIsNotAsked) {
  Begin(absl::Seconds(30));
  for (int i = 0; i < 5; ++i) {
    loop_.Advance(absl::Seconds(20));
    Call();
  }
  EXPECT_EQ(sent(), 5u);
  loop_.Advance(absl::Seconds(29));
  EXPECT_EQ(sent(), 5u);
  loop_.Advance(absl::Seconds(1));
  EXPECT_EQ(sent(), 6u);
}

TEST_F(KeepWarmTest, ZeroNeverAsks) {
  Begin(absl::ZeroDuration());
  Call();
  loop_.Advance(absl::Hours(100));
  EXPECT_EQ(sent(), 1u);
}

TEST_F(KeepWarmTest, AReloadTurnsItOnWithTheNextRequestAndOffAtOnce) {
  Begin(absl::ZeroDuration());
  options_.keep_warm = absl::Seconds(10);
  Call();
  loop_.Advance(absl::Seconds(10));
  EXPECT_EQ(sent(), 2u);
  options_.keep_warm = absl::ZeroDuration();
  loop_.Advance(absl::Hours(1));
  EXPECT_EQ(sent(), 2u);
}

}  // namespace
}  // namespace holysheep
