#include "server/node_service.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "chat/caching.h"
#include "holysheep/node/v1/node.grpc.pb.h"
#include "server/batch_reactor.h"
#include "server/credential_call.h"
#include "server/estimate_cost.h"
#include "server/list_models.h"
#include "server/loop_call.h"
#include "server/rpc_context.h"
#include "server/status.h"
#include "server/stream_reactor.h"
#include "server/unary_reactor.h"
#include "server/workflow_reactor.h"

namespace holysheep {
namespace {

using Context = grpc::CallbackServerContext;
using grpc::ServerUnaryReactor;

// Why a model cannot be used now; empty if it can.
std::string WhyBroken(const BreakerBoard& breakers, absl::string_view model,
                      absl::Time now) {
  const BreakerBoard::Entry entry = breakers.Look(model, now);
  if (entry.state != CircuitBreaker::State::kOpen) return "";
  return absl::StrCat(
      "the upstream failed ", entry.failures,
      " times in a row; the next try is in ",
      absl::FormatDuration(absl::Ceil(entry.retry_after, absl::Seconds(1))));
}

// As CallbackService, but for the batch, see batch_reactor.h.
using Service = pb::LlmNode::WithCallbackMethod_Invoke<
    pb::LlmNode::WithCallbackMethod_InvokeStream<
        pb::LlmNode::WithCallbackMethod_ListModels<
            pb::LlmNode::WithRawCallbackMethod_InvokeBatch<
                pb::LlmNode::WithCallbackMethod_RunWorkflow<
                    pb::LlmNode::WithCallbackMethod_EstimateCost<
                        pb::LlmNode::WithCallbackMethod_ValidateCredentials<
                            pb::LlmNode::Service>>>>>>>;

class NodeService final : public Service {
 public:
  explicit NodeService(const NodeParts& parts) : parts_(parts) {}

  ServerUnaryReactor* Invoke(Context* context, const pb::InvokeRequest* request,
                             pb::InvokeResponse* response) override {
    absl::StatusOr<ChatRequest> chat = Receive(*context, *request);
    if (chat.ok() && !parts_.active.TryEnter()) chat = DrainingError();
    if (!chat.ok()) return FinishNow(*context, chat.status());
    // An answer that is at hand need not visit the loop (docs/adr/0003).
    const absl::Time now = parts_.loop.Now();
    if (AnswerFromStore(parts_.store, *chat, now, *response)) {
      MeterAnswer(parts_.calls, *chat, parts_.loop.Now(), *response);
      parts_.active.Leave();
      return FinishNow(*context, absl::OkStatus());
    }
    chat->unary = true;
    return NewUnaryReactor(parts_.loop, parts_.chat, parts_.active,
                           *std::move(chat), response);
  }

  grpc::ServerWriteReactor<pb::InvokeEvent>* InvokeStream(
      Context* context, const pb::InvokeRequest* request) override {
    absl::StatusOr<ChatRequest> chat = Receive(*context, *request);
    if (chat.ok() && !parts_.active.TryEnter()) chat = DrainingError();
    if (!chat.ok()) {
      return RefuseStream<pb::InvokeEvent>(ToGrpcStatus(chat.status()));
    }
    return NewStreamReactor(parts_.loop, parts_.chat, parts_.active,
                            *std::move(chat));
  }

  BatchReactor* InvokeBatch(Context* context) override {
    auto caller = Identify(*context, Role::kInvoke);
    if (caller.ok() && !parts_.active.TryEnter()) caller = DrainingError();
    if (!caller.ok()) return RefuseBatch(ToGrpcStatus(caller.status()));
    return NewBatchReactor(
        {parts_.loop, parts_.chat, parts_.reception, parts_.active},
        *std::move(caller), DeadlineOf(*context, parts_.loop.Now()));
  }

  grpc::ServerWriteReactor<pb::WorkflowEvent>* RunWorkflow(
      Context* context, const pb::RunWorkflowRequest* request) override {
    auto workflow = Plan(*context, *request);
    if (workflow.ok() && !parts_.active.TryEnter()) workflow = DrainingError();
    if (!workflow.ok()) {
      return RefuseStream<pb::WorkflowEvent>(ToGrpcStatus(workflow.status()));
    }
    return NewWorkflowReactor(parts_.loop, parts_.chat, parts_.active,
                              *std::move(workflow));
  }

  ServerUnaryReactor* ListModels(Context* context, const pb::ListModelsRequest*,
                                 pb::ListModelsResponse* response) override {
    const absl::Status allowed = MayInvoke(*context);
    if (!allowed.ok()) return FinishNow(*context, allowed);
    return AnswerOnLoop(parts_.loop, parts_.active, [this, response] {
      const auto settings = parts_.reception.settings();
      const absl::Time now = parts_.loop.Now();
      *response = holysheep::ListModels(
          *settings->catalog, [this, now](absl::string_view model) {
            return WhyBroken(parts_.breakers, model, now);
          });
      return grpc::Status::OK;
    });
  }

  ServerUnaryReactor* EstimateCost(
      Context* context, const pb::EstimateCostRequest* request,
      pb::EstimateCostResponse* response) override {
    const absl::Status allowed = MayInvoke(*context);
    if (!allowed.ok()) return FinishNow(*context, allowed);
    const auto settings = parts_.reception.settings();
    const absl::StatusOr<pb::EstimateCostResponse> estimate =
        holysheep::EstimateCost(*request, *settings->catalog, settings->limits);
    if (estimate.ok()) *response = *estimate;
    parts_.active.Leave();
    return FinishNow(*context, estimate.status());
  }

  ServerUnaryReactor* ValidateCredentials(
      Context* context, const pb::ValidateCredentialsRequest*,
      pb::ValidateCredentialsResponse* response) override {
    auto caller = Identify(*context, Role::kInvoke);
    if (caller.ok() && !parts_.active.TryEnter()) caller = DrainingError();
    if (!caller.ok()) return FinishNow(*context, caller.status());
    return NewCredentialCall(parts_.loop, parts_.credentials, parts_.active,
                             (*caller)->upstream_key, response);
  }

 private:
  absl::StatusOr<ChatRequest> Receive(const Context& context,
                                      const pb::InvokeRequest& request) const {
    return parts_.reception.Receive(
        request,
        [&context](absl::string_view name) {
          return FindMetadata(context, name);
        },
        DeadlineOf(context, parts_.loop.Now()));
  }

  absl::StatusOr<std::shared_ptr<const Caller>> Identify(const Context& context,
                                                         Role role) const {
    return parts_.reception.Identify(
        [&context](absl::string_view name) {
          return FindMetadata(context, name);
        },
        role);
  }

  absl::StatusOr<ReceivedWorkflow> Plan(
      const Context& context, const pb::RunWorkflowRequest& request) const {
    auto caller = Identify(context, Role::kInvoke);
    if (!caller.ok()) return caller.status();
    ReceivedWorkflow workflow;
    workflow.make = [this, caller = *std::move(caller),
                     deadline = DeadlineOf(context, parts_.loop.Now())](
                        const pb::InvokeRequest& call) {
      return parts_.reception.ReceiveFrom(caller, call, deadline);
    };
    auto plan = PlanWorkflow(request, workflow.make);
    if (!plan.ok()) return plan.status();
    workflow.plan = *std::move(plan);
    workflow.request = std::make_shared<pb::RunWorkflowRequest>(request);
    return workflow;
  }

  // OK if the call may go on; then `active` has let it in.
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
