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

// Hands new connections to someone who may keep the thread for long: gRPC
// reads what a client sends on the thread that brings the connection, for as
// long as more comes. Thread-safe.
class HandOver {
 public:
  // Takes over the descriptor. On some thread of HandOver's.
  using OnConnection = std::function<void(const NewConnection&)>;

  explicit HandOver(OnConnection on_connection);
  // Calls End.
  ~HandOver();

  // Closes the connection instead once it is over.
  void Push(const NewConnection& connection);

  // Closes what still waits, and blocks until nothing is under way.
  void End();

 private:
  void Work();

  const OnConnection on_connection_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<NewConnection> waiting_ ABSL_GUARDED_BY(mutex_);
  bool over_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace holysheep
