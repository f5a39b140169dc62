#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"

namespace holysheep {

// A connection, and the listening socket that accepted it.
struct NewConnection {
  // gRPC wants it together with the connection; it stays the listener's.
  int listener_fd;
  // Non-blocking; closed by its owner: the queue, then the taker.
  int fd;
};

// Takes ownership of the descriptor. Called on the taker's thread; may block.
using OnConnection = std::function<void(const NewConnection&)>;

// Passes new connections to the takers, each of which has a thread of its own
// and gets one connection at a time. A taker may be busy for long: gRPC may
// read what a client sends on the thread that brings the connection, for as
// long as more arrives. The listener's bound on connections also bounds what
// waits here. Thread-safe.
class AcceptQueue {
 public:
  // Starts a thread for each of `takers`.
  explicit AcceptQueue(std::vector<OnConnection> takers);
  // Calls End.
  ~AcceptQueue();

  // Queues the connection; after Close, closes it instead. Called on the
  // listener's thread; never blocks on a taker.
  void Push(const NewConnection& connection);

  // Closes the connections that still wait. Does not block. May be called
  // repeatedly, on any thread.
  void Close();

  // Closes as well, then blocks until no taker is busy. Must not be called from
  // a taker.
  void End();

 private:
  // Runs on the thread of one taker.
  void Work(const OnConnection& take);

  const std::vector<OnConnection> takers_;
  std::mutex mutex_;
  // Signals a new connection, or the end.
  std::condition_variable changed_;
  std::deque<NewConnection> waiting_ ABSL_GUARDED_BY(mutex_);
  bool over_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace holysheep
