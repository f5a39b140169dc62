#include "server/connection_table.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>

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
  bool HasRoom() { return table_.HasRoom(now_ += absl::Seconds(1)); }

  absl::Time now_ = absl::UnixEpoch();
  ConnectionTable table_{2};
};

TEST_F(ConnectionTableTest, HasRoomUpToTheBound) {
  Pair one, two;
  EXPECT_TRUE(HasRoom());
  table_.Add(one.ends[0]);
  EXPECT_TRUE(HasRoom());
  table_.Add(two.ends[0]);
  EXPECT_FALSE(HasRoom());
}

TEST_F(ConnectionTableTest, AClosedConnectionMakesRoom) {
  Pair one;
  table_.Add(one.ends[0]);
  {
    Pair two;
    table_.Add(two.ends[0]);
    EXPECT_FALSE(HasRoom());
  }
  EXPECT_TRUE(HasRoom());
}

TEST_F(ConnectionTableTest, AnotherSocketOfTheSameNumberIsNotTheConnection) {
  Pair one, two, other;
  table_.Add(one.ends[0]);
  table_.Add(two.ends[0]);
  dup2(other.ends[0], two.ends[0]);
  EXPECT_TRUE(HasRoom());
}

TEST_F(ConnectionTableTest, LooksForClosedOnesTenTimesASecondAtMost) {
  Pair one;
  table_.Add(one.ends[0]);
  {
    Pair two;
    table_.Add(two.ends[0]);
    EXPECT_FALSE(HasRoom());
  }
  EXPECT_FALSE(table_.HasRoom(now_ + absl::Milliseconds(99)));
  EXPECT_TRUE(table_.HasRoom(now_ + absl::Milliseconds(100)));
}

}  // namespace
}  // namespace holysheep
