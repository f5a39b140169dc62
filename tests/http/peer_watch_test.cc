#include "http/native/peer_watch.h"

#include "gtest/gtest.h"
#include "support/fake_event_loop.h"

namespace holysheep::native {
namespace {

class PeerWatchTest : public testing::Test, private PeerWatch::Watched {
 protected:
  void After(absl::Duration time) { loop_.Advance(time); }
  void Hear() { heard_ = loop_.Now(); }

  FakeEventLoop loop_;
  bool expects_ = true;
  int pings_ = 0;
  int deaths_ = 0;
  PeerWatch watch_{loop_, *this};

 private:
  absl::Time heard() const override { return heard_; }
  bool expects() const override { return expects_; }
  void Ping() override { ++pings_; }
  void OnDead() override { ++deaths_; }

  absl::Time heard_ = loop_.Now();
};

TEST_F(PeerWatchTest, ASilentPeerIsAskedAndThenDead) {
  watch_.Begin();
  After(absl::Milliseconds(4'999));
  EXPECT_EQ(pings_, 0);
  After(absl::Milliseconds(1));
  EXPECT_EQ(pings_, 1);
  After(absl::Milliseconds(4'999));
  EXPECT_EQ(deaths_, 0);
  After(absl::Milliseconds(1));
  EXPECT_EQ(deaths_, 1);
  EXPECT_EQ(pings_, 1);
}

TEST_F(PeerWatchTest, APeerThatAnswersLives) {
  watch_.Begin();
  for (int round = 1; round <= 3; ++round) {
    After(absl::Seconds(5));
    EXPECT_EQ(pings_, round);
    After(absl::Seconds(1));
    Hear();
  }
  EXPECT_EQ(deaths_, 0);
}

TEST_F(PeerWatchTest, APeerThatIsHeardIsNotAsked) {
  watch_.Begin();
  for (int second = 0; second < 20; ++second) {
    After(absl::Seconds(1));
    Hear();
  }
  EXPECT_EQ(pings_, 0);
}

TEST_F(PeerWatchTest, ASilenceBeforeTheCallDoesNotCount) {
  After(absl::Minutes(1));
  watch_.Begin();
  After(absl::Seconds(4));
  EXPECT_EQ(pings_, 0);
}

TEST_F(PeerWatchTest, WithoutAnythingExpectedNobodyIsAsked) {
  watch_.Begin();
  expects_ = false;
  After(absl::Minutes(1));
  EXPECT_EQ(pings_, 0);
  expects_ = true;
  watch_.Begin();
  After(absl::Seconds(5));
  EXPECT_EQ(pings_, 1);
}

}  // namespace
}  // namespace holysheep::native
