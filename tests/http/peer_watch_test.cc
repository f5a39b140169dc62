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
  int doubts_ = 0;
  PeerWatch watch_{loop_, absl::Seconds(20), *this};

 private:
  absl::Time heard() const override { return heard_; }
  bool expects() const override { return expects_; }
  void Ping() override { ++pings_; }
  void OnNoAnswer() override { ++doubts_; }
  void OnEndNow() override {}

  absl::Time heard_ = loop_.Now();
};

TEST_F(PeerWatchTest, ASilentPeerIsAskedAndThenInDoubt) {
  watch_.Begin();
  After(absl::Milliseconds(19'999));
  EXPECT_EQ(pings_, 0);
  After(absl::Milliseconds(1));
  EXPECT_EQ(pings_, 1);
  After(absl::Milliseconds(4'999));
  EXPECT_EQ(doubts_, 0);
  After(absl::Milliseconds(1));
  EXPECT_EQ(doubts_, 1);
  After(absl::Minutes(1));
  EXPECT_EQ(doubts_, 1);
  EXPECT_EQ(pings_, 1);
}

TEST_F(PeerWatchTest, APeerThatAnswersLives) {
  watch_.Begin();
  for (int round = 1; round <= 3; ++round) {
    After(absl::Seconds(20));
    EXPECT_EQ(pings_, round);
    After(absl::Seconds(1));
    Hear();
  }
  EXPECT_EQ(doubts_, 0);
}

TEST_F(PeerWatchTest, APeerThatIsHeardIsNotAsked) {
  watch_.Begin();
  for (int second = 0; second < 60; ++second) {
    After(absl::Seconds(1));
    Hear();
  }
  EXPECT_EQ(pings_, 0);
}

TEST_F(PeerWatchTest, ASilenceBeforeTheCallDoesNotCount) {
  After(absl::Minutes(1));
  watch_.Begin();
  After(absl::Seconds(19));
  EXPECT_EQ(pings_, 0);
}

TEST_F(PeerWatchTest, WithoutAnythingExpectedNobodyIsAsked) {
  watch_.Begin();
  expects_ = false;
  After(absl::Minutes(1));
  EXPECT_EQ(pings_, 0);
  expects_ = true;
  watch_.Begin();
  After(absl::Seconds(20));
  EXPECT_EQ(pings_, 1);
}

}  // namespace
}  // namespace holysheep::native
