#include "server/hand_over.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <set>

#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

bool IsOpen(int fd) { return fcntl(fd, F_GETFD) != -1; }

TEST(HandOverTest, WhoeverKeepsAThreadDoesNotKeepOthersWaiting) {
  absl::Notification go_on;
  absl::Notification all_others;
  absl::Mutex mutex;
  std::set<int> others;
  HandOver hand_over([&](const NewConnection& connection) {
    if (connection.fd == 1) return go_on.WaitForNotification();
    const absl::MutexLock lock(&mutex);
    others.insert(connection.fd);
    if (others.size() == 3) all_others.Notify();
  });
  for (const int fd : {1, 2, 3, 4})
    hand_over.Push({.listener_fd = 9, .fd = fd});
  all_others.WaitForNotification();
  EXPECT_EQ(others, (std::set<int>{2, 3, 4}));
  go_on.Notify();
}

TEST(HandOverTest, ConnectionsThatNobodyTakesAreClosed) {
  HandOver hand_over(
      [](const NewConnection& connection) { close(connection.fd); });
  hand_over.End();
  const int fd = eventfd(0, 0);
  hand_over.Push({.listener_fd = 9, .fd = fd});
  EXPECT_FALSE(IsOpen(fd));
}

TEST(HandOverTest, ItsEndWaitsForWhatIsUnderWay) {
  absl::Notification taken;
  bool done = false;
  HandOver hand_over([&](const NewConnection&) {
    taken.Notify();
    done = true;
  });
  hand_over.Push({.listener_fd = 9, .fd = 1});
  taken.WaitForNotification();
  hand_over.End();
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace holysheep
