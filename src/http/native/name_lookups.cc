#include "http/native/name_lookups.h"

#include <netdb.h>
#include <sys/socket.h>

#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "boost/asio/ip/tcp.hpp"
#include "http/native/asio_socket.h"

namespace holysheep::native {
// Invariants: `loop_` is null once the owner is gone; nothing is posted then. A
// thread lives as long as there is something to look up, and `threads_` counts
// those that may still take a job.

namespace {

constexpr int kMaxThreads = 8;
constexpr size_t kMaxJobs = 256;
// More would only delay the failure of a name without a living address.
constexpr size_t kMaxAddresses = 16;

using boost::asio::ip::tcp;

tcp::endpoint EndpointOf(const addrinfo& entry) {
  tcp::endpoint endpoint;
  if (entry.ai_addrlen > endpoint.capacity()) return endpoint;
  endpoint.resize(entry.ai_addrlen);
  std::copy_n(reinterpret_cast<const char*>(entry.ai_addr), entry.ai_addrlen,
              reinterpret_cast<char*>(endpoint.data()));
  return endpoint;
}

// Alternates between the families, beginning with the system's first choice
// (RFC 8305, section 4).
std::shared_ptr<const Addresses> Interleave(const addrinfo* list) {
  std::vector<boost::asio::ip::address> first, second;
  for (; list != nullptr; list = list->ai_next) {
    const auto address = EndpointOf(*list).address();
    const bool as_first =
        first.empty() || address.is_v6() == first.front().is_v6();
    (as_first ? first : second).push_back(address);
  }
  auto mixed = std::make_shared<Addresses>();
  for (size_t i = 0; i < first.size() || i < second.size(); ++i) {
    if (i < first.size()) mixed->list.push_back(first[i]);
    if (i < second.size()) mixed->list.push_back(second[i]);
  }
  if (mixed->list.size() > kMaxAddresses) mixed->list.resize(kMaxAddresses);
  return mixed->list.empty() ? nullptr : mixed;
}

}  // namespace

NameResult AskSystem(const std::string& host) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(host.c_str(), nullptr, &hints, &list);
  if (error != 0) return {nullptr, gai_strerror(error)};
  NameResult result{Interleave(list), "the name has no address"};
  freeaddrinfo(list);
  return result;
}

class NameLookups::Shared : public std::enable_shared_from_this<Shared> {
 public:
  Shared(EventLoop& loop, LookUp look_up)
      : loop_(&loop), look_up_(std::move(look_up)) {}

  // Returns false, and leaves the arguments, if too many wait.
  bool Add(std::string& host, OnResult& on_result) {
    const std::lock_guard lock(mutex_);
    if (jobs_.size() >= kMaxJobs) return false;
    jobs_.push_back({std::move(host), std::move(on_result)});
    if (threads_ == kMaxThreads) return true;
    ++threads_;
    std::thread([self = shared_from_this()] { self->Run(); }).detach();
    return true;
  }

  void Abandon() {
    std::deque<Job> dropped;
    const std::lock_guard lock(mutex_);
    loop_ = nullptr;
    dropped.swap(jobs_);
  }

 private:
  struct Job {
    std::string host;
    OnResult on_result;
  };

  void Run() {
    std::unique_lock lock(mutex_);
    while (!jobs_.empty()) {
      Job job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      NameResult result = look_up_(job.host);
      lock.lock();
      if (loop_ == nullptr) continue;
      loop_->Post([on_result = std::move(job.on_result),
                   result = std::move(result)]() mutable {
        on_result(std::move(result));
      });
    }
    --threads_;
  }

  std::mutex mutex_;
  EventLoop* loop_;
  const LookUp look_up_;
  std::deque<Job> jobs_;
  int threads_ = 0;
};

NameLookups::NameLookups(EventLoop& loop, LookUp look_up)
    : loop_(loop),
      shared_(std::make_shared<Shared>(loop, std::move(look_up))) {}

NameLookups::~NameLookups() { shared_->Abandon(); }

void NameLookups::Start(std::string host, OnResult on_result) {
  if (shared_->Add(host, on_result)) return;
  loop_.Post([on_result = std::move(on_result)]() mutable {
    on_result({nullptr, "too many names are being looked up"});
  });
}

}  // namespace holysheep::native
