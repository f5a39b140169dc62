#include "rpc/health_service.h"

#include <grpcpp/server_context.h>

#include <functional>
#include <mutex>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "grpc/health/v1/health.pb.h"
#include "rpc/rpc_context.h"
#include "rpc/wire.h"

namespace holysheep {
namespace {

using grpc::ByteBuffer;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using State = HealthCheckResponse::ServingStatus;

constexpr char kName[] = "grpc.health.v1.Health";

// One Watch. Writes the present state whenever it differs from the last one
// written.
class Watcher final : public RpcReactor {
 public:
  using Place = std::unique_ptr<const StrangerStreams::Place>;

  Watcher(RpcCall& call, std::function<void(Watcher*)> leave, Place place)
      : call_(call), leave_(std::move(leave)), place_(std::move(place)) {
    call.SetReactor(*this);
  }

  void Tell(State state) {
    const std::lock_guard lock(mutex_);
    latest_ = state;
    WriteNext();
  }

 private:
  // A state that has changed during the write is written next.
  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    if (ok) WriteNext();
  }
  // Also called when the server shuts down, which ends every watch.
  void OnCancel() override {
    leave_(this);
    const std::lock_guard lock(mutex_);
    if (!std::exchange(finished_, true)) {
      call_.Finish(grpc::Status::CANCELLED);
    }
  }
  void OnDone() override { delete this; }

  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (writing_ || finished_ || latest_ == written_) return;
    written_ = latest_;
    HealthCheckResponse response;
    response.set_status(*written_);
    writing_ = true;
    call_.StartWrite(Serialize(response));
  }

  RpcCall& call_;
  const std::function<void(Watcher*)> leave_;
  const Place place_;
  std::mutex mutex_;
  std::optional<State> latest_ ABSL_GUARDED_BY(mutex_);
  std::optional<State> written_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

// Returns the name of the service in question.
absl::StatusOr<std::string> ServiceIn(const ByteBuffer& packed) {
  HealthCheckRequest request;
  absl::Status read = Parse(packed, request, kMaxStrangersBytes);
  if (!read.ok()) return read;
  return std::move(*request.mutable_service());
}

// Lock order: the mutex of the service comes before that of a watcher. A
// watcher leaves before it finishes, and takes its own mutex only after that.
class HealthOfAll final : public HealthService {
 public:
  HealthOfAll(std::vector<std::string> services,
              std::shared_ptr<StrangerStreams> streams)
      : services_(services.begin(), services.end()),
        streams_(std::move(streams)) {
    services_.insert({"", kName});
  }

  std::string name() const override { return kName; }

  std::vector<RpcMethod> methods() override {
    return {{"Check", std::bind_front(&HealthOfAll::Check, this)},
            {"Watch", std::bind_front(&HealthOfAll::Watch, this)}};
  }

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
  void Check(RpcCall& call) {
    const absl::StatusOr<std::string> service = ServiceIn(call.request());
    if (!service.ok()) return FinishNow(call, service.status());
    if (!services_.contains(*service)) {
      return call.Finish({grpc::StatusCode::NOT_FOUND, "no such service here"});
    }
    HealthCheckResponse health;
    {
      const std::lock_guard lock(mutex_);
      health.set_status(state_);
    }
    call.response() = Serialize(health);
    call.Finish(grpc::Status::OK);
  }

  // The watcher is registered and gets the state under one lock, so that it
  // misses no change.
  void Watch(RpcCall& call) {
    const absl::StatusOr<std::string> service = ServiceIn(call.request());
    if (!service.ok()) return FinishNow(call, service.status());
    auto place = streams_->Take(call.context().peer());
    if (!place.ok()) return FinishNow(call, place.status());
    auto* watcher = new Watcher(
        call,
        [this](Watcher* leaving) {
          const std::lock_guard lock(mutex_);
          watchers_.erase(leaving);
        },
        *std::move(place));
    const std::lock_guard lock(mutex_);
    const bool known = services_.contains(*service);
    if (known) watchers_.insert(watcher);
    watcher->Tell(known ? state_ : HealthCheckResponse::SERVICE_UNKNOWN);
  }

  absl::flat_hash_set<std::string> services_;
  const std::shared_ptr<StrangerStreams> streams_;
  mutable std::mutex mutex_;
  State state_ ABSL_GUARDED_BY(mutex_) = HealthCheckResponse::SERVING;
  absl::flat_hash_set<Watcher*> watchers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

std::unique_ptr<HealthService> NewHealthService(
    std::vector<std::string> services,
    std::shared_ptr<StrangerStreams> streams) {
  return std::make_unique<HealthOfAll>(std::move(services), std::move(streams));
}

}  // namespace holysheep
