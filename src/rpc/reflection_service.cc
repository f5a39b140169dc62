#include "rpc/reflection_service.h"

#include <google/protobuf/descriptor.h>
#include <grpcpp/server_context.h>

#include <functional>
#include <utility>

#include "grpc/reflection/v1/reflection.pb.h"
#include "grpc/reflection/v1alpha/reflection.pb.h"
#include "rpc/reflection.h"
#include "rpc/rpc_context.h"
#include "rpc/status.h"
#include "rpc/wire.h"

namespace holysheep {
namespace {

namespace v1 = grpc::reflection::v1;
namespace v1alpha = grpc::reflection::v1alpha;

using Names = std::shared_ptr<const std::vector<std::string>>;
using Streams = std::shared_ptr<StrangerStreams>;
using Place = std::unique_ptr<const StrangerStreams::Place>;

// Reads and writes in turn. One of the two is always pending, and fails when
// the stream is cancelled, which ends it. Not on the loop: it touches only
// descriptors, which never change.
class ReflectionStream final : public RpcReactor {
 public:
  ReflectionStream(RpcCall& call, Names names, Place place)
      : call_(call), names_(std::move(names)), place_(std::move(place)) {
    call.SetReactor(*this);
    call.StartRead(&question_);
  }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) return call_.Finish(grpc::Status::OK);
    v1::ServerReflectionRequest request;
    const absl::Status read = Parse(question_, request, kMaxStrangersBytes);
    if (!read.ok()) return call_.Finish(ToGrpcStatus(read));
    call_.StartWrite(
        Serialize(Reflect(*google::protobuf::DescriptorPool::generated_pool(),
                          *names_, request)));
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return call_.Finish(grpc::Status::CANCELLED);
    call_.StartRead(&question_);
  }
  void OnDone() override { delete this; }

  RpcCall& call_;
  const Names names_;
  const Place place_;
  grpc::ByteBuffer question_;
};

// Returns the full name of the service in the file of `Message`. Uses the
// descriptor, so that the linker includes the file.
template <typename Message>
std::string ServiceBeside() {
  return Message::descriptor()->file()->service(0)->full_name();
}

// The messages of both versions are the same on the wire.
class Version final : public RpcService {
 public:
  Version(std::string name, Names names, Streams streams)
      : name_(std::move(name)),
        names_(std::move(names)),
        streams_(std::move(streams)) {}

  std::string name() const override { return name_; }

  std::vector<RpcMethod> methods() override {
    return {{"ServerReflectionInfo",
             std::bind_front(&Version::ServerReflectionInfo, this), true}};
  }

 private:
  void ServerReflectionInfo(RpcCall& call) {
    auto place = streams_->Take(call.context().peer());
    if (!place.ok()) return FinishNow(call, place.status());
    new ReflectionStream(call, names_, *std::move(place));
  }

  const std::string name_;
  const Names names_;
  const Streams streams_;
};

}  // namespace

std::vector<std::unique_ptr<RpcService>> NewReflectionServices(
    std::vector<std::string> services,
    std::shared_ptr<StrangerStreams> streams) {
  const std::string versions[] = {
      ServiceBeside<v1::ServerReflectionRequest>(),
      ServiceBeside<v1alpha::ServerReflectionRequest>()};
  services.insert(services.end(), std::begin(versions), std::end(versions));
  const auto names =
      std::make_shared<const std::vector<std::string>>(std::move(services));
  std::vector<std::unique_ptr<RpcService>> all;
  for (const std::string& version : versions) {
    all.push_back(std::make_unique<Version>(version, names, streams));
  }
  return all;
}

}  // namespace holysheep
