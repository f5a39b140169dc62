#include "rpc/health_service.h"

#include <mutex>
#include <optional>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "rpc/rpc_context.h"
#include "rpc/status.h"
#include "rpc/wire.h"

namespace holysheep {
namespace {

using grpc::ByteBuffer;
using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using State = HealthCheckResponse::ServingStatus;

// One Watch. Writes the present state whenever it differs from the last one
// written.
class Watcher final : public WriteReactor {
 public:
  using Place = std::unique_ptr<const StrangerStreams::Place>;

  Watcher(std::function<void(Watcher*)> leave, Place place)
      : leave_(std::move(leave)), place_(std::move(place)) {}

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
    if (!std::exchange(finished_, true)) Finish(grpc::Status::CANCELLED);
  }
  void OnDone() override { delete this; }

  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (writing_ || finished_ || latest_ == written_) return;
    written_ = latest_;
    HealthCheckResponse response;
    response.set_status(*written_);
    packed_ = Serialize(response);
    writing_ = true;
    StartWrite(&packed_);
  }

  const std::function<void(Watcher*)> leave_;
  const Place place_;
  std::mutex mutex_;
  std::optional<State> latest_ ABSL_GUARDED_BY(mutex_);
  std::optional<State> written_ ABSL_GUARDED_BY(mutex_);
  ByteBuffer packed_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

// Both methods receive and return packed messages, see wire.h.
using RawHealth = Health::WithRawCallbackMethod_Check<
    Health::WithRawCallbackMethod_Watch<Health::Service>>;

// Returns the name of the service in question.
absl::StatusOr<std::string> ServiceIn(const ByteBuffer& packed) {
  HealthCheckRequest request;
  absl::Status read = Parse(packed, request, kMaxStrangersBytes);
  if (!read.ok()) return read;
  return std::move(*request.mutable_service());
}

// Lock order: the mutex of the service comes before that of a watcher. A
// watcher leaves before it finishes, and takes its own mutex only after that.
class HealthOfAll final : public HealthService, RawHealth {
 public:
  HealthOfAll(std::vector<std::string> services,
              std::shared_ptr<StrangerStreams> streams)
      : services_(services.begin(), services.end()),
        streams_(std::move(streams)) {
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
                                  const ByteBuffer* request,
                                  ByteBuffer* response) override {
    const absl::StatusOr<std::string> service = ServiceIn(*request);
    if (!service.ok()) return FinishNow(*context, service.status());
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    if (!services_.contains(*service)) {
      reactor->Finish({grpc::StatusCode::NOT_FOUND, "no such service here"});
      return reactor;
    }
    HealthCheckResponse health;
    {
      const std::lock_guard lock(mutex_);
      health.set_status(state_);
    }
    *response = Serialize(health);
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

  // The watcher is registered and gets the state under one lock, so that it
  // misses no change.
  WriteReactor* Watch(grpc::CallbackServerContext* context,
                      const ByteBuffer* request) override {
    const absl::StatusOr<std::string> service = ServiceIn(*request);
    if (!service.ok()) {
      return Refuse<WriteReactor>(ToGrpcStatus(service.status()));
    }
    auto place = streams_->Take(context->peer());
    if (!place.ok()) return Refuse<WriteReactor>(ToGrpcStatus(place.status()));
    auto* watcher = new Watcher(
        [this](Watcher* leaving) {
          const std::lock_guard lock(mutex_);
          watchers_.erase(leaving);
        },
        *std::move(place));
    const std::lock_guard lock(mutex_);
    const bool known = services_.contains(*service);
    if (known) watchers_.insert(watcher);
    watcher->Tell(known ? state_ : HealthCheckResponse::SERVICE_UNKNOWN);
    return watcher;
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
