#include "base/worker.h"

#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "absl/synchronization/barrier.h"
#include "absl/synchronization/notification.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

TEST(WorkerTest, TasksRunBesideEachOtherAndTheCaller) {
  std::unique_ptr<Worker> worker = NewWorker(2);
  std::mutex mutex;
  std::set<std::thread::id> threads = {std::this_thread::get_id()};
  // All three meet, which they can on three threads only.
  auto* meeting = new absl::Barrier(3);
  const auto meet = [&] {
    {
      const std::lock_guard lock(mutex);
      threads.insert(std::this_thread::get_id());
    }
    if (meeting->Block()) delete meeting;
  };
  worker->Run(meet);
  worker->Run(meet);
  meet();
  worker.reset();
  EXPECT_EQ(threads.size(), 3u);
}

TEST(WorkerTest, ItsEndWaitsForWhatRunsAndDropsWhatWaits) {
  auto waiting = std::make_shared<bool>(false);
  const std::weak_ptr<bool> left = waiting;
  absl::Notification runs;
  bool ran = false;
  std::unique_ptr<Worker> worker = NewWorker(1);
  worker->Run([&] {
    runs.Notify();
    ran = true;
  });
  runs.WaitForNotification();
  worker->Run([waiting = std::move(waiting)] {});
  worker.reset();
  EXPECT_TRUE(ran);
  EXPECT_TRUE(left.expired());
}

}  // namespace
}  // namespace holysheep
