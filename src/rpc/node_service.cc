#include "rpc/node_service.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "chat/answer.h"
#include "holysheep/node/v1/node.grpc.pb.h"
#include "intake/estimate_cost.h"
#include "intake/list_models.h"
#include "layers/cache_layer.h"
#include "rpc/batch_reactor.h"
#include "rpc/credential_call.h"
#include "rpc/loop_call.h"
#include "rpc/rpc_context.h"
#include "rpc/status.h"
#include "rpc/stream_reactor.h"
#include "rpc/unary_reactor.h"
#include "rpc/wire.h"
#include "rpc/workflow_reactor.h"

namespace holysheep {
namespace {

using Context = grpc::CallbackServerContext;
using grpc::ByteBuffer;
using grpc::ServerUnaryReactor;

// Returns why a model cannot be used now; empty if it can. Half open counts as
// usable: a call may be the probe.
std::string WhyBroken(const CircuitBreakerRegistry& breakers,
                      absl::string_view model, absl::Time now) {
  const CircuitBreakerRegistry::Entry entry = breakers.Look(model, now);
  if (entry.state != CircuitBreaker::State::kOpen) return "";
  return absl::StrCat(
      "the upstream failed ", entry.failures,
      " times in a row; the next try is in ",
      absl::FormatDuration(absl::Ceil(entry.retry_after, absl::Seconds(1))));
}

// Every method receives and returns packed messages, see wire.h.
using RawNode = pb::LlmNode::WithRawCallbackMethod_Invoke<
    pb::LlmNode::WithRawCallbackMethod_InvokeStream<
        pb::LlmNode::WithRawCallbackMethod_ListModels<
            pb::LlmNode::WithRawCallbackMethod_InvokeBatch<
                pb::LlmNode::WithRawCallbackMethod_RunWorkflow<
                    pb::LlmNode::WithRawCallbackMethod_EstimateCost<
                        pb::LlmNode::WithRawCallbackMethod_ValidateCredentials<
                            pb::LlmNode::Service>>>>>>>;

// A refusal before TryEnter costs the service nothing; after it, every path
// leaves `active` once, through a reactor or at its end.
class NodeService final : public RawNode {
 public:
  explicit NodeService(const NodeParts& parts) : parts_(parts) {}

  ServerUnaryReactor* Invoke(Context* context, const ByteBuffer* request,
                             ByteBuffer* response) override {
    absl::StatusOr<ChatRequest> chat = Receive(*context, *request);
    if (chat.ok() && !parts_.active.TryEnter()) chat = DrainingError();
    if (!chat.ok()) return FinishNow(*context, chat.status());
    // An answer that is in the cache need not go through the loop
    // (docs/adr/0003).
    Answer stored;
    if (AnswerFromStore(parts_.store, *chat, chat->arrived, stored)) {
      MeterAnswer(parts_.calls, *chat, parts_.loop.Now(), stored);
      *response = Serialize(ToResponse(std::move(stored)));
      parts_.active.Leave();
      return FinishNow(*context, absl::OkStatus());
    }
    chat->unary = true;
    return NewUnaryReactor(parts_.loop, parts_.chat, parts_.active,
                           *std::move(chat), response);
  }

  WriteReactor* InvokeStream(Context* context,
                             const ByteBuffer* request) override {
    absl::StatusOr<ChatRequest> chat = Receive(*context, *request);
    if (chat.ok() && !parts_.active.TryEnter()) chat = DrainingError();
    if (!chat.ok()) return Refuse<WriteReactor>(ToGrpcStatus(chat.status()));
    return NewStreamReactor(parts_.loop, parts_.chat, parts_.active,
                            *std::move(chat));
  }

  BatchReactor* InvokeBatch(Context* context) override {
    auto caller = Identify(*context, Role::kInvoke);
    if (caller.ok() && !parts_.active.TryEnter()) caller = DrainingError();
    if (!caller.ok())
      return Refuse<BatchReactor>(ToGrpcStatus(caller.status()));
    return NewBatchReactor(
        {parts_.loop, parts_.chat, parts_.intake, parts_.active},
        *std::move(caller), DeadlineOf(*context, parts_.loop));
  }

  WriteReactor* RunWorkflow(Context* context,
                            const ByteBuffer* request) override {
    auto workflow = Plan(*context, *request);
    if (workflow.ok() && !parts_.active.TryEnter()) workflow = DrainingError();
    if (!workflow.ok())
      return Refuse<WriteReactor>(ToGrpcStatus(workflow.status()));
    return NewWorkflowReactor(parts_.loop, parts_.chat, parts_.active,
                              *std::move(workflow));
  }

  ServerUnaryReactor* ListModels(Context* context, const ByteBuffer*,
                                 ByteBuffer* response) override {
    const absl::Status allowed = MayInvoke(*context);
    if (!allowed.ok()) return FinishNow(*context, allowed);
    return AnswerOnLoop(parts_.loop, parts_.active, [this, response] {
      const auto settings = parts_.intake.settings();
      const absl::Time now = parts_.loop.Now();
      *response = Serialize(holysheep::ListModels(
          *settings->catalog, [this, now](absl::string_view model) {
            return WhyBroken(parts_.breakers, model, now);
          }));
    });
  }

  ServerUnaryReactor* EstimateCost(Context* context, const ByteBuffer* request,
                                   ByteBuffer* response) override {
    const absl::Status allowed = MayInvoke(*context);
    if (!allowed.ok()) return FinishNow(*context, allowed);
    const auto estimate = Estimate(*request);
    if (estimate.ok()) *response = Serialize(*estimate);
    parts_.active.Leave();
    return FinishNow(*context, estimate.status());
  }

  ServerUnaryReactor* ValidateCredentials(Context* context, const ByteBuffer*,
                                          ByteBuffer* response) override {
    auto caller = Identify(*context, Role::kInvoke);
    if (caller.ok() && !parts_.active.TryEnter()) caller = DrainingError();
    if (!caller.ok()) return FinishNow(*context, caller.status());
    return NewCredentialCall(parts_.loop, parts_.credentials, parts_.active,
                             (*caller)->upstream_key, response);
  }

 private:
  absl::StatusOr<ChatRequest> Receive(const Context& context,
                                      const ByteBuffer& request) const {
    return parts_.intake.Receive(
        [&request](pb::InvokeRequest& message) {
          return Parse(request, message);
        },
        [&context](absl::string_view name) {
          return FindMetadata(context, name);
        },
        DeadlineOf(context, parts_.loop));
  }

  absl::StatusOr<std::shared_ptr<const Caller>> Identify(const Context& context,
                                                         Role role) const {
    return parts_.intake.Identify(
        [&context](absl::string_view name) {
          return FindMetadata(context, name);
        },
        role);
  }

  absl::StatusOr<ReceivedWorkflow> Plan(const Context& context,
                                        const ByteBuffer& packed) const {
    auto caller = Identify(context, Role::kInvoke);
    if (!caller.ok()) return caller.status();
    auto request = std::make_shared<pb::RunWorkflowRequest>();
    absl::Status read = Parse(packed, *request);
    if (!read.ok()) return read;
    ReceivedWorkflow workflow;
    workflow.make = [this, caller = *std::move(caller),
                     deadline = DeadlineOf(context, parts_.loop)](
                        const pb::InvokeRequest& call) {
      return parts_.intake.ReceiveFrom(caller, call, deadline);
    };
    auto plan = PlanWorkflow(*request, workflow.make);
    if (!plan.ok()) return plan.status();
    workflow.plan = *std::move(plan);
    workflow.request = std::move(request);
    return workflow;
  }

  absl::StatusOr<pb::EstimateCostResponse> Estimate(
      const ByteBuffer& packed) const {
    pb::EstimateCostRequest request;
    absl::Status read = Parse(packed, request);
    if (!read.ok()) return read;
    const auto settings = parts_.intake.settings();
    return holysheep::EstimateCost(std::move(request), *settings->catalog,
                                   settings->limits);
  }

  // Returns OK if the call may go on; `active` has then admitted it.
  absl::Status MayInvoke(const Context& context) const {
    const auto caller = Identify(context, Role::kInvoke);
    if (!caller.ok()) return caller.status();
    return parts_.active.TryEnter() ? absl::OkStatus() : DrainingError();
  }

  const NodeParts parts_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewNodeService(const NodeParts& parts) {
  return std::make_unique<NodeService>(parts);
}

}  // namespace holysheep
