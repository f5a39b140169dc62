#include "cli/client/node_client.h"

#include <google/protobuf/wrappers.pb.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/generic/generic_stub.h>

#include <future>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/client/call_error.h"
#include "cli/client/channel.h"
#include "holysheep/node/v1/node.grpc.pb.h"

namespace holysheep::cli {
namespace {

// The default timeout of calls that do not involve a model.
constexpr absl::Duration kShortTimeout = absl::Seconds(10);

// The numbers of both kinds of codes are the same.
absl::Status ToStatus(const grpc::Status& status) {
  return MakeCallStatus(static_cast<absl::StatusCode>(status.error_code()),
                        status.error_message(), status.error_details());
}

// grpc.health.v1.HealthCheckResponse.ServingStatus
constexpr int kServing = 1;

// A running call: its credentials, its deadline, and its cancellation by
// Ctrl-C. `guard_` is the last member, so that nothing cancels a context that
// is gone.
class Call {
 public:
  Call(const Settings& settings, Interrupt& interrupt, absl::Duration timeout)
      : guard_(interrupt, [this] { context_.TryCancel(); }) {
    AddCredentials(settings, context_);
    if (timeout < absl::InfiniteDuration()) {
      context_.set_deadline(absl::ToChronoTime(absl::Now() + timeout));
    }
  }

  grpc::ClientContext* context() { return &context_; }

 private:
  grpc::ClientContext context_;
  const Interrupt::Guard guard_;
};

// One channel for all calls. A call and its Interrupt::Guard live for the time
// of one method, so only one may run at a time.
class GrpcNodeClient final : public NodeClient {
 public:
  GrpcNodeClient(const Settings& settings, Interrupt& interrupt)
      : settings_(settings),
        interrupt_(interrupt),
        channel_(NewChannel(settings)),
        node_(pb::LlmNode::NewStub(channel_)),
        admin_(pb::NodeAdmin::NewStub(channel_)) {}

  absl::StatusOr<pb::InvokeResponse> Invoke(
      const pb::InvokeRequest& request) override {
    return Unary(*node_, &pb::LlmNode::Stub::Invoke, request, LongTimeout());
  }

  absl::Status InvokeStream(const pb::InvokeRequest& request,
                            OnEvent on_event) override {
    Call call(settings_, interrupt_, LongTimeout());
    const auto reader = node_->InvokeStream(call.context(), request);
    return ReadAll<pb::InvokeEvent>(call, *reader, on_event);
  }

  absl::Status InvokeBatch(const BatchEnds& ends) override {
    Call call(settings_, interrupt_, absl::InfiniteDuration());
    const auto stream = node_->InvokeBatch(call.context());
    RunBatchStream(*stream, ends, [&call] { call.context()->TryCancel(); });
    return ToStatus(stream->Finish());
  }

  absl::Status RunWorkflow(const pb::RunWorkflowRequest& request,
                           OnWorkflowEvent on_event) override {
    Call call(settings_, interrupt_, LongTimeout());
    const auto reader = node_->RunWorkflow(call.context(), request);
    return ReadAll<pb::WorkflowEvent>(call, *reader, on_event);
  }

  absl::StatusOr<pb::ListModelsResponse> ListModels() override {
    return Unary(*node_, &pb::LlmNode::Stub::ListModels,
                 pb::ListModelsRequest(), ShortTimeout());
  }
  absl::StatusOr<pb::EstimateCostResponse> EstimateCost(
      const pb::EstimateCostRequest& request) override {
    return Unary(*node_, &pb::LlmNode::Stub::EstimateCost, request,
                 ShortTimeout());
  }
  absl::StatusOr<pb::ValidateCredentialsResponse> ValidateCredentials()
      override {
    // The service asks the upstream first, which may be slow.
    return Unary(*node_, &pb::LlmNode::Stub::ValidateCredentials,
                 pb::ValidateCredentialsRequest(), LongTimeout());
  }
  absl::StatusOr<pb::GetStatsResponse> GetStats() override {
    return Unary(*admin_, &pb::NodeAdmin::Stub::GetStats, pb::GetStatsRequest(),
                 ShortTimeout());
  }
  absl::StatusOr<pb::GetUsageResponse> GetUsage(
      const pb::GetUsageRequest& request) override {
    return Unary(*admin_, &pb::NodeAdmin::Stub::GetUsage, request,
                 ShortTimeout());
  }
  absl::StatusOr<pb::PurgeCacheResponse> PurgeCache(
      const pb::PurgeCacheRequest& request) override {
    return Unary(*admin_, &pb::NodeAdmin::Stub::PurgeCache, request,
                 ShortTimeout());
  }

  // The two messages of grpc.health.v1 have the wire format of these wrappers:
  // field 1 is the service's name, and the status.
  absl::StatusOr<Health> CheckHealth(absl::Duration patience) override {
    if (patience > absl::ZeroDuration()) {
      channel_->WaitForConnected(absl::ToChronoTime(absl::Now() + patience));
    }
    using google::protobuf::Int32Value;
    using google::protobuf::StringValue;
    grpc::TemplatedGenericStub<StringValue, Int32Value> stub(channel_);
    const StringValue whole_service;
    Int32Value health;
    std::promise<grpc::Status> ended;
    Call call(settings_, interrupt_, ShortTimeout());
    stub.UnaryCall(call.context(), "/grpc.health.v1.Health/Check", {},
                   &whole_service, &health, [&ended](grpc::Status status) {
                     ended.set_value(std::move(status));
                   });
    const grpc::Status status = ended.get_future().get();
    if (!status.ok()) return ToStatus(status);
    return health.value() == kServing ? Health::kServing : Health::kNotServing;
  }

 private:
  template <typename Event>
  static absl::Status ReadAll(Call& call, grpc::ClientReader<Event>& reader,
                              absl::FunctionRef<bool(const Event&)> on_event) {
    Event event;
    bool is_wanted = true;
    while (reader.Read(&event)) {
      if (!is_wanted || on_event(event)) continue;
      is_wanted = false;
      call.context()->TryCancel();
    }
    return ToStatus(reader.Finish());
  }

  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Unary(
      Stub& stub,
      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&,
                                   Response*),
      const Request& request, absl::Duration timeout) {
    Response response;
    Call call(settings_, interrupt_, timeout);
    const grpc::Status status =
        (stub.*method)(call.context(), request, &response);
    if (!status.ok()) return ToStatus(status);
    return response;
  }

  absl::Duration ShortTimeout() const {
    return settings_.timeout.value_or(kShortTimeout);
  }
  absl::Duration LongTimeout() const {
    return settings_.timeout.value_or(absl::InfiniteDuration());
  }

  const Settings settings_;
  Interrupt& interrupt_;
  const std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<pb::LlmNode::Stub> node_;
  const std::unique_ptr<pb::NodeAdmin::Stub> admin_;
};

}  // namespace

std::unique_ptr<NodeClient> NewNodeClient(const Settings& settings,
                                          Interrupt& interrupt) {
  return std::make_unique<GrpcNodeClient>(settings, interrupt);
}

}  // namespace holysheep::cli
