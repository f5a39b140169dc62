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
  const absl::MutexLock lock(&mutex_);
  if (over_) {
    close(connection.fd);
  } else {
    waiting_.push_back(connection);
  }
}

void HandOver::End() {
  {
    const absl::MutexLock lock(&mutex_);
    over_ = true;
    for (const NewConnection& connection : waiting_) close(connection.fd);
    waiting_.clear();
  }
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void HandOver::Work() {
  while (true) {
    NewConnection connection;
    {
      const absl::MutexLock lock(&mutex_,
                                 absl::Condition(this, &HandOver::HasWork));
      if (over_) return;
      connection = waiting_.front();
      waiting_.pop_front();
    }
    on_connection_(connection);
  }
}

}  // namespace holysheep
