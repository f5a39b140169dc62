#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"

namespace holysheep {

// A connection, and the listening socket that it came by.
struct NewConnection {
  int listener_fd;
  int fd;
};

// Takes over the descriptor.
using OnConnection = std::function<void(const NewConnection&)>;

// Hands new connections to those who take them, each on a thread of its own and
// one at a time. They may keep it for long: gRPC may read what a client sends
// on the thread that brings the connection, for as long as more comes. What
// waits is bounded by the listener's count of connections. Thread-safe.
class AcceptQueue {
 public:
  explicit AcceptQueue(std::vector<OnConnection> takers);
  // Calls End.
  ~AcceptQueue();

  // Closes the connection instead after Close.
  void Push(const NewConnection& connection);

  // Closes what still waits.
  void Close();

  // Does that, too, and blocks until nothing is under way.
  void End();

 private:
  void Work(const OnConnection& take);

  const std::vector<OnConnection> takers_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<NewConnection> waiting_ ABSL_GUARDED_BY(mutex_);
  bool over_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace holysheep
