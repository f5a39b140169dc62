#include "server/hand_over.h"

#include <unistd.h>

#include <utility>

namespace holysheep {
namespace {

// So many clients can keep one busy before newcomers wait, until the first of
// them is cut off.
constexpr int kThreads = 4;

}  // namespace

HandOver::HandOver(OnConnection on_connection)
    : on_connection_(std::move(on_connection)) {
  for (int i = 0; i < kThreads; ++i) {
    threads_.emplace_back([this] { Work(); });
  }
}

HandOver::~HandOver() { End(); }

void HandOver::Push(const NewConnection& connection) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (over_) {
    close(connection.fd);
    return;
  }
  waiting_.push_back(connection);
  changed_.notify_one();
}

void HandOver::End() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    over_ = true;
    for (const NewConnection& connection : waiting_) close(connection.fd);
    waiting_.clear();
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void HandOver::Work() {
  while (true) {
    NewConnection connection;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait(lock, [this] { return over_ || !waiting_.empty(); });
      if (over_) return;
      connection = waiting_.front();
      waiting_.pop_front();
    }
    on_connection_(connection);
  }
}

}  // namespace holysheep
