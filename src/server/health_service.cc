#include "server/health_service.h"

#include <mutex>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "grpc/health/v1/health.grpc.pb.h"

namespace holysheep {
namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using State = HealthCheckResponse::ServingStatus;

// One Watch: writes the latest state whenever it has not been written yet.
class Watcher final : public grpc::ServerWriteReactor<HealthCheckResponse> {
 public:
  explicit Watcher(std::function<void(Watcher*)> leave)
      : leave_(std::move(leave)) {}

  void Tell(State state) {
    const std::lock_guard lock(mutex_);
    latest_ = state;
    WriteNext();
  }

 private:
  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    if (ok) WriteNext();
  }
  void OnCancel() override {
    leave_(this);
    const std::lock_guard lock(mutex_);
    if (!std::exchange(finished_, true)) Finish(grpc::Status::CANCELLED);
  }
  void OnDone() override { delete this; }

  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (writing_ || finished_ || latest_ == written_) return;
    written_ = latest_;
    message_.set_status(*written_);
    writing_ = true;
    StartWrite(&message_);
  }

  const std::function<void(Watcher*)> leave_;
  std::mutex mutex_;
  std::optional<State> latest_ ABSL_GUARDED_BY(mutex_);
  std::optional<State> written_ ABSL_GUARDED_BY(mutex_);
  HealthCheckResponse message_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

class HealthOfAll final : public HealthService, Health::CallbackService {
 public:
  explicit HealthOfAll(std::vector<std::string> services)
      : services_(services.begin(), services.end()) {
    services_.insert({"", Health::service_full_name()});
  }

  grpc::Service& service() override { return *this; }

  void SetServing(bool serving) override {
    const std::lock_guard lock(mutex_);
    state_ = serving ? HealthCheckResponse::SERVING
                     : HealthCheckResponse::NOT_SERVING;
    for (Watcher* watcher : watchers_) watcher->Tell(state_);
  }

  bool IsWatched() const override {
    const std::lock_guard lock(mutex_);
    return !watchers_.empty();
  }

 private:
  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context,
                                  const HealthCheckRequest* request,
                                  HealthCheckResponse* response) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    if (!services_.contains(request->service())) {
      reactor->Finish({grpc::StatusCode::NOT_FOUND, "no such service here"});
      return reactor;
    }
    const std::lock_guard lock(mutex_);
    response->set_status(state_);
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  grpc::ServerWriteReactor<HealthCheckResponse>* Watch(
      grpc::CallbackServerContext*,
      const HealthCheckRequest* request) override {
    auto* watcher = new Watcher([this](Watcher* leaving) {
      const std::lock_guard lock(mutex_);
      watchers_.erase(leaving);
    });
    const std::lock_guard lock(mutex_);
    const bool known = services_.contains(request->service());
    if (known) watchers_.insert(watcher);
    watcher->Tell(known ? state_ : HealthCheckResponse::SERVICE_UNKNOWN);
    return watcher;
  }

  absl::flat_hash_set<std::string> services_;
  mutable std::mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = HealthCheckResponse::SERVING;
  absl::flat_hash_set<Watcher*> watchers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<HealthService> NewHealthService(
    std::vector<std::string> services) {
  return std::make_unique<HealthOfAll>(std::move(services));
}

}  // namespace holysheep
