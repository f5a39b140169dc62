#include "rpc/reflection_service.h"

#include <google/protobuf/descriptor.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <utility>

#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
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
using Reactor = grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>;

// Reads and writes in turn. One of the two is always pending, and fails when
// the stream is cancelled, which ends it. Not on the loop: it touches only
// descriptors, which never change.
class ReflectionStream final : public Reactor {
 public:
  ReflectionStream(Names names, Place place)
      : names_(std::move(names)), place_(std::move(place)) {
    StartRead(&question_);
  }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::OK);
    v1::ServerReflectionRequest request;
    const absl::Status read = Parse(question_, request, kMaxStrangersBytes);
    if (!read.ok()) return Finish(ToGrpcStatus(read));
    answer_ = Serialize(Reflect(
        *google::protobuf::DescriptorPool::generated_pool(), *names_, request));
    StartWrite(&answer_);
  }
  void OnWriteDone(bool ok) override {
    if (!ok) return Finish(grpc::Status::CANCELLED);
    StartRead(&question_);
  }
  void OnDone() override { delete this; }

  const Names names_;
  const Place place_;
  grpc::ByteBuffer question_;
  grpc::ByteBuffer answer_;
};

// The messages of both versions are the same on the wire.
template <typename Base>
class Version final : public Base {
 public:
  Version(Names names, Streams streams)
      : names_(std::move(names)), streams_(std::move(streams)) {}

  Reactor* ServerReflectionInfo(grpc::CallbackServerContext* context) override {
    auto place = streams_->Take(context->peer());
    if (!place.ok()) return Refuse<Reactor>(ToGrpcStatus(place.status()));
    return new ReflectionStream(names_, *std::move(place));
  }

 private:
  const Names names_;
  const Streams streams_;
};

using V1 = v1::ServerReflection::WithRawCallbackMethod_ServerReflectionInfo<
    v1::ServerReflection::Service>;
using V1Alpha =
    v1alpha::ServerReflection::WithRawCallbackMethod_ServerReflectionInfo<
        v1alpha::ServerReflection::Service>;

class BothVersions final : public ReflectionService {
 public:
  BothVersions(const Names& names, const Streams& streams)
      : v1_(names, streams), v1alpha_(names, streams) {}

  std::vector<grpc::Service*> services() override { return {&v1_, &v1alpha_}; }

 private:
  Version<V1> v1_;
  Version<V1Alpha> v1alpha_;
};

// Returns the full name of the service in the file of `Message`. Uses the
// descriptor, so that the linker includes the file.
template <typename Message>
std::string ServiceBeside() {
  return Message::descriptor()->file()->service(0)->full_name();
}

}  // namespace

std::unique_ptr<ReflectionService> NewReflectionService(
    std::vector<std::string> services,
    std::shared_ptr<StrangerStreams> streams) {
  services.push_back(ServiceBeside<v1::ServerReflectionRequest>());
  services.push_back(ServiceBeside<v1alpha::ServerReflectionRequest>());
  return std::make_unique<BothVersions>(
      std::make_shared<const std::vector<std::string>>(std::move(services)),
      streams);
}

}  // namespace holysheep
