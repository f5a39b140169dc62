#include "net/accept_queue.h"

#include <unistd.h>

#include <utility>

namespace holysheep {

// A connection belongs to the queue until a taker has been called with it. Once
// `over_` is set, no taker is called again and every connection that comes or
// waits is closed.

AcceptQueue::AcceptQueue(std::vector<OnConnection> takers)
    : takers_(std::move(takers)) {
  for (const OnConnection& take : takers_) {
    threads_.emplace_back([this, &take] { Work(take); });
  }
}

AcceptQueue::~AcceptQueue() { End(); }

void AcceptQueue::Push(const NewConnection& connection) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (over_) {
    close(connection.fd);
    return;
  }
  waiting_.push_back(connection);
  changed_.notify_one();
}

void AcceptQueue::Close() {
  const std::lock_guard<std::mutex> lock(mutex_);
  over_ = true;
  for (const NewConnection& connection : waiting_) close(connection.fd);
  waiting_.clear();
  changed_.notify_all();
}

void AcceptQueue::End() {
  Close();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void AcceptQueue::Work(const OnConnection& take) {
  while (true) {
    NewConnection connection;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait(lock, [this] { return over_ || !waiting_.empty(); });
      if (over_) return;
      connection = waiting_.front();
      waiting_.pop_front();
    }
    take(connection);
  }
}

}  // namespace holysheep
