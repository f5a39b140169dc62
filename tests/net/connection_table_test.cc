#include "net/connection_table.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <map>

#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

// A socket of which we keep the other end.
struct Pair {
  Pair() { socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()); }
  ~Pair() {
    for (const int end : ends) close(end);
  }
  std::array<int, 2> ends = {-1, -1};
};

class ConnectionTableTest : public ::testing::Test {
 protected:
  // Later than the last look at what is closed.
  bool HasRoom() { return HasRoomAt(now_ += absl::Seconds(1)); }
  // From this machine, and every connection has authenticated.
  bool HasRoomAt(absl::Time now) {
    return table_.MakeRoom(now, {}) != ConnectionTable::Room::kNone;
  }
  void Add(int fd) {
    Peer peer;
    peer.port = ++port_;
    table_.Add(now_, fd, peer);
    peers_.Prove(peer);
  }

  absl::Time now_ = absl::UnixEpoch();
  uint16_t port_ = 0;
  ProvenPeers peers_;
  ConnectionTable table_{{.connections = 2}, peers_};
};

TEST_F(ConnectionTableTest, HasRoomUpToTheBound) {
  Pair one, two;
  EXPECT_TRUE(HasRoom());
  Add(one.ends[0]);
  EXPECT_TRUE(HasRoom());
  Add(two.ends[0]);
  EXPECT_FALSE(HasRoom());
}

TEST_F(ConnectionTableTest, AClosedConnectionMakesRoom) {
  Pair one;
  Add(one.ends[0]);
  {
    Pair two;
    Add(two.ends[0]);
    EXPECT_FALSE(HasRoom());
  }
  EXPECT_TRUE(HasRoom());
}

TEST_F(ConnectionTableTest, AnotherSocketOfTheSameNumberIsNotTheConnection) {
  Pair one, two, other;
  Add(one.ends[0]);
  Add(two.ends[0]);
  dup2(other.ends[0], two.ends[0]);
  EXPECT_TRUE(HasRoom());
}

TEST_F(ConnectionTableTest, LooksForClosedOnesTenTimesASecondAtMost) {
  Pair one;
  Add(one.ends[0]);
  {
    Pair two;
    Add(two.ends[0]);
    EXPECT_FALSE(HasRoom());
  }
  EXPECT_FALSE(HasRoomAt(now_ + absl::Milliseconds(99)));
  EXPECT_TRUE(HasRoomAt(now_ + absl::Milliseconds(100)));
}

TEST_F(ConnectionTableTest, AStrangerIsEndedForAnother) {
  Pair stranger, known;
  table_.Add(now_, stranger.ends[0], *ParsePeer("ipv4:192.0.2.1:1"));
  Add(known.ends[0]);
  now_ += absl::Seconds(3);
  EXPECT_EQ(table_.MakeRoom(now_, {}), ConnectionTable::Room::kTaken);
  char byte;
  EXPECT_EQ(recv(stranger.ends[1], &byte, 1, MSG_DONTWAIT), 0);
  EXPECT_LT(recv(known.ends[1], &byte, 1, MSG_DONTWAIT), 0);
}

class FloodTest : public ::testing::Test {
 protected:
  // A client has sent so much more since the last look, and heard nothing.
  void Sends(const Pair& pair, uint64_t bytes) {
    traffic_[pair.ends[0]].taken += bytes;
  }
  void Hears(const Pair& pair) { ++traffic_[pair.ends[0]].sent; }
  size_t Look(absl::Duration later = absl::Seconds(1)) {
    return table_.EndFloods(now_ += later);
  }
  // Knows it from before.
  void Add(const Pair& pair) {
    table_.Add(now_, pair.ends[0], {});
    Look();
  }

  static bool HasEnded(const Pair& pair) {
    char byte;
    return recv(pair.ends[1], &byte, 1, MSG_DONTWAIT) == 0;
  }

  absl::Time now_ = absl::UnixEpoch();
  std::map<int, Traffic> traffic_;
  ProvenPeers peers_;
  ConnectionTable table_{{.unanswered = 1000}, peers_, [this](int fd) {
                           return std::optional(traffic_[fd]);
                         }};
};

TEST_F(FloodTest, WhoSendsTooMuchWithoutAnAnswerIsLeft) {
  Pair modest, flooding;
  Add(modest);
  Add(flooding);
  Sends(modest, 600);
  Sends(flooding, 600);
  Look();
  Sends(modest, 400);
  Sends(flooding, 401);
  Look();
  EXPECT_FALSE(HasEnded(modest));
  EXPECT_TRUE(HasEnded(flooding));
}

TEST_F(FloodTest, In300MillisecondsItMayBeFourTimesAsMuch) {
  Pair modest, flooding;
  Add(modest);
  Add(flooding);
  Hears(modest);
  Hears(flooding);
  Look();
  Sends(modest, 4000);
  Sends(flooding, 4001);
  Look(absl::Milliseconds(299));
  EXPECT_FALSE(HasEnded(modest));
  EXPECT_TRUE(HasEnded(flooding));
}

TEST_F(FloodTest, WhoHearsSomethingMaySendOn) {
  Pair pair;
  Add(pair);
  for (int i = 0; i < 10; ++i) {
    Sends(pair, 5000);
    Hears(pair);
    Look();
  }
  EXPECT_FALSE(HasEnded(pair));
}

TEST_F(FloodTest, OfTooMuchInAllTheLargestAreLeft) {
  Pair large, larger;
  Add(large);
  Add(larger);
  std::array<Pair, 16> small;
  for (const Pair& pair : small) Add(pair);
  Sends(large, 950);
  Sends(larger, 951);
  for (const Pair& pair : small) Sends(pair, 900);
  Look();
  EXPECT_TRUE(HasEnded(larger));
  EXPECT_FALSE(HasEnded(large));
  for (const Pair& pair : small) EXPECT_FALSE(HasEnded(pair));
}

TEST_F(FloodTest, EachIsCountedOnce) {
  Pair modest, one, two;
  for (const Pair* pair : {&modest, &one, &two}) Add(*pair);
  Sends(modest, 10);
  Sends(one, 5000);
  Sends(two, 5000);
  EXPECT_EQ(Look(), 2);
  EXPECT_EQ(Look(), 0);
}

TEST_F(FloodTest, AnEndedOneTakesRoomUntilItIsClosed) {
  using Room = ConnectionTable::Room;
  ConnectionTable table({.connections = 1, .unanswered = 1000}, peers_,
                        [this](int fd) { return std::optional(traffic_[fd]); });
  {
    Pair flooding;
    table.Add(now_, flooding.ends[0], {});
    table.EndFloods(now_);
    Sends(flooding, 5000);
    EXPECT_EQ(table.EndFloods(now_ + absl::Seconds(1)), 1u);
    EXPECT_TRUE(HasEnded(flooding));
    EXPECT_EQ(table.MakeRoom(now_ + absl::Seconds(1.9), {}), Room::kNone);
  }
  EXPECT_EQ(table.MakeRoom(now_ + absl::Seconds(3), {}), Room::kFree);
}

TEST_F(FloodTest, AllCanBeEnded) {
  Pair one, two;
  Add(one);
  Add(two);
  table_.EndAll();
  EXPECT_TRUE(HasEnded(one));
  EXPECT_TRUE(HasEnded(two));
}

TEST_F(FloodTest, AnotherSocketOfTheSameNumberIsNotLeft) {
  Pair flooding, other;
  Add(flooding);
  dup2(other.ends[0], flooding.ends[0]);
  Sends(flooding, 5000);
  Look();
  EXPECT_FALSE(HasEnded(other));
  EXPECT_TRUE(table_.empty());
}

TEST_F(FloodTest, LooksTenTimesASecondAtMost) {
  Pair pair;
  Add(pair);
  Sends(pair, 5000);
  Look(absl::Milliseconds(99));
  EXPECT_FALSE(HasEnded(pair));
  Look(absl::Milliseconds(1));
  EXPECT_TRUE(HasEnded(pair));
}

}  // namespace
}  // namespace holysheep
