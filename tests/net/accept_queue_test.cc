#include "net/accept_queue.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "gtest/gtest.h"

namespace holysheep {
namespace {

bool IsOpen(int fd) { return fcntl(fd, F_GETFD) != -1; }

TEST(AcceptQueueTest, WhoeverKeepsAThreadDoesNotKeepOthersWaiting) {
  std::promise<void> go_on;
  std::promise<void> all_others;
  std::mutex mutex;
  std::set<int> others;
  const OnConnection take = [&](const NewConnection& connection) {
    if (connection.fd == 1) return go_on.get_future().wait();
    const std::lock_guard<std::mutex> lock(mutex);
    others.insert(connection.fd);
    if (others.size() == 3) all_others.set_value();
  };
  AcceptQueue accept_queue({take, take});
  for (const int fd : {1, 2, 3, 4})
    accept_queue.Push({.listener_fd = 9, .fd = fd});
  all_others.get_future().wait();
  EXPECT_EQ(others, (std::set<int>{2, 3, 4}));
  go_on.set_value();
}

TEST(AcceptQueueTest, ConnectionsThatNobodyTakesAreClosed) {
  AcceptQueue accept_queue(
      {[](const NewConnection& connection) { close(connection.fd); }});
  accept_queue.End();
  const int fd = eventfd(0, 0);
  accept_queue.Push({.listener_fd = 9, .fd = fd});
  EXPECT_FALSE(IsOpen(fd));
}

TEST(AcceptQueueTest, ItsEndWaitsForWhatIsUnderWay) {
  std::promise<void> taken;
  std::promise<void> go_on;
  bool done = false;
  AcceptQueue accept_queue({[&](const NewConnection&) {
    taken.set_value();
    go_on.get_future().wait();
    done = true;
  }});
  const int waits = eventfd(0, 0);
  accept_queue.Push({.listener_fd = 9, .fd = -1});
  taken.get_future().wait();
  accept_queue.Push({.listener_fd = 9, .fd = waits});
  std::thread goes_on([&] {
    while (IsOpen(waits)) std::this_thread::yield();
    go_on.set_value();
  });
  accept_queue.End();
  EXPECT_TRUE(done);
  goes_on.join();
}

}  // namespace
}  // namespace holysheep
