#include "rpc/node_service.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "chat/answer.h"
#include "holysheep/node/v1/node.pb.h"
#include "intake/estimate_cost.h"
#include "intake/list_models.h"
#include "intake/request_memory.h"
#include "layers/cache_layer.h"
#include "rpc/batch_reactor.h"
#include "rpc/credential_call.h"
#include "rpc/loop_call.h"
#include "rpc/rpc_context.h"
#include "rpc/stream_reactor.h"
#include "rpc/unary_reactor.h"
#include "rpc/wire.h"
#include "rpc/workflow_reactor.h"

namespace holysheep {
namespace {

using grpc::ByteBuffer;

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

// A refusal before TryEnter costs the service nothing; after it, every path
// leaves `active` once, through a reactor or at its end.
class NodeService final : public RpcService {
 public:
  explicit NodeService(const NodeParts& parts) : parts_(parts) {}

  std::string name() const override { return "holysheep.node.v1.LlmNode"; }

  std::vector<RpcMethod> methods() override {
    const auto to = [this](void (NodeService::*method)(RpcCall&)) {
      return std::bind_front(method, this);
    };
    return {{"Invoke", to(&NodeService::Invoke)},
            {"InvokeStream", to(&NodeService::InvokeStream)},
            {"InvokeBatch", to(&NodeService::InvokeBatch), true},
            {"RunWorkflow", to(&NodeService::RunWorkflow)},
            {"ListModels", to(&NodeService::ListModels)},
            {"EstimateCost", to(&NodeService::EstimateCost)},
            {"ValidateCredentials", to(&NodeService::ValidateCredentials)}};
  }

 private:
  void Invoke(RpcCall& call) {
    absl::StatusOr<ChatRequest> chat = Receive(call);
    if (chat.ok() && !parts_.active.TryEnter()) chat = DrainingError();
    if (!chat.ok()) return FinishNow(call, chat.status());
    // An answer that is in the cache need not go through the loop
    // (docs/adr/0003).
    Answer stored;
    if (parts_.calls.HasRoom() &&
        AnswerFromStore(parts_.store, *chat, chat->arrived, stored)) {
      MeterAnswer(parts_.calls, *chat, parts_.loop.Now(), stored);
      call.response() = Serialize(ToResponse(std::move(stored)));
      const absl::Status held = Keep(call, *chat);
      if (held.ok() && !parts_.calls.IsKept()) {
        return FinishWhenKept(call, parts_.calls, parts_.active);
      }
      parts_.active.Leave();
      return FinishNow(call, held);
    }
    chat->unary = true;
    StartUnaryReactor(call, parts_.loop, parts_.chat, parts_.active,
                      *std::move(chat));
  }

  void InvokeStream(RpcCall& call) {
    absl::StatusOr<ChatRequest> chat = Receive(call);
    if (chat.ok() && !parts_.active.TryEnter()) chat = DrainingError();
    if (!chat.ok()) return FinishNow(call, chat.status());
    StartStreamReactor(call, parts_.loop, parts_.chat, parts_.active,
                       parts_.revocation, *std::move(chat));
  }

  void InvokeBatch(RpcCall& call) {
    auto caller = Identify(call, Role::kInvoke);
    if (caller.ok() && !parts_.active.TryEnter()) caller = DrainingError();
    if (!caller.ok()) return FinishNow(call, caller.status());
    StartBatchReactor(call,
                      {parts_.loop, parts_.chat, parts_.intake, parts_.active,
                       parts_.revocation, parts_.memory},
                      *std::move(caller),
                      DeadlineOf(call.context(), parts_.loop));
  }

  void RunWorkflow(RpcCall& call) {
    auto workflow = Plan(call);
    if (workflow.ok() && !parts_.active.TryEnter()) workflow = DrainingError();
    if (!workflow.ok()) return FinishNow(call, workflow.status());
    StartWorkflowReactor(call, parts_.loop, parts_.chat, parts_.active,
                         parts_.revocation, *std::move(workflow));
  }

  void ListModels(RpcCall& call) {
    const absl::Status allowed = MayInvoke(call);
    if (!allowed.ok()) return FinishNow(call, allowed);
    AnswerOnLoop(call, parts_.loop, parts_.active, [this, &call] {
      const auto settings = parts_.intake.settings();
      const absl::Time now = parts_.loop.Now();
      call.response() = Serialize(holysheep::ListModels(
          *settings->catalog, [this, now](absl::string_view model) {
            return WhyBroken(parts_.breakers, model, now);
          }));
    });
  }

  void EstimateCost(RpcCall& call) {
    const auto caller = Identify(call, Role::kInvoke);
    if (!caller.ok()) return FinishNow(call, caller.status());
    if (!parts_.active.TryEnter()) return FinishNow(call, DrainingError());
    const auto memory = Hold(call, **caller);
    const auto estimate =
        memory.ok() ? Estimate(call.request())
                    : absl::StatusOr<pb::EstimateCostResponse>(memory.status());
    if (estimate.ok()) call.response() = Serialize(*estimate);
    parts_.active.Leave();
    FinishNow(call, estimate.status());
  }

  void ValidateCredentials(RpcCall& call) {
    auto caller = Identify(call, Role::kInvoke);
    if (caller.ok() && !parts_.active.TryEnter()) caller = DrainingError();
    if (!caller.ok()) return FinishNow(call, caller.status());
    StartCredentialCall(call, parts_.loop, parts_.credentials, parts_.active,
                        *std::move(caller));
  }

  absl::StatusOr<ChatRequest> Receive(RpcCall& call) const {
    std::shared_ptr<HeldMemory> memory;
    absl::StatusOr<ChatRequest> chat = parts_.intake.Receive(
        [&](const Caller& caller, pb::InvokeRequest& message) -> absl::Status {
          auto held = Hold(call, caller);
          if (!held.ok()) return held.status();
          memory = *std::move(held);
          return Parse(call.request(), message);
        },
        [&call](absl::string_view name) {
          return FindMetadata(call.context(), name);
        },
        DeadlineOf(call.context(), parts_.loop));
    NoteCaller(call, chat.status());
    if (chat.ok()) chat->memory = std::move(memory);
    return chat;
  }

  absl::StatusOr<std::shared_ptr<HeldMemory>> Hold(RpcCall& call,
                                                   const Caller& caller) const {
    return TakeForRequest(parts_.memory, caller, call.request().Length());
  }

  // The response waits in gRPC until it has been read.
  static absl::Status Keep(RpcCall& call, const ChatRequest& chat) {
    const auto bytes = static_cast<int64_t>(call.response().Length());
    if (!chat.memory->Grow(bytes)) {
      call.response().Clear();
      return OutOfMemoryError();
    }
    call.Keep(chat.memory);
    return absl::OkStatus();
  }

  absl::StatusOr<std::shared_ptr<const Caller>> Identify(RpcCall& call,
                                                         Role role) const {
    auto caller = parts_.intake.Identify(
        [&call](absl::string_view name) {
          return FindMetadata(call.context(), name);
        },
        role);
    NoteCaller(call, caller.status());
    return caller;
  }

  absl::StatusOr<ReceivedWorkflow> Plan(RpcCall& call) const {
    auto caller = Identify(call, Role::kInvoke);
    if (!caller.ok()) return caller.status();
    auto memory = Hold(call, **caller);
    if (!memory.ok()) return memory.status();
    auto request = std::make_shared<pb::RunWorkflowRequest>();
    absl::Status read = Parse(call.request(), *request);
    if (!read.ok()) return read;
    ReceivedWorkflow workflow;
    workflow.caller = *caller;
    workflow.make = [this, caller = *std::move(caller),
                     deadline = DeadlineOf(call.context(), parts_.loop)](
                        const pb::InvokeRequest& step) {
      return MakeStep(caller, step, deadline);
    };
    auto plan = PlanWorkflow(*request, workflow.make);
    if (!plan.ok()) return plan.status();
    workflow.plan = *std::move(plan);
    workflow.request = std::move(request);
    workflow.memory = *std::move(memory);
    return workflow;
  }

  absl::StatusOr<ChatRequest> MakeStep(
      const std::shared_ptr<const Caller>& caller,
      const pb::InvokeRequest& step, absl::Time deadline) const {
    auto memory = TakeForRequest(parts_.memory, *caller, step.ByteSizeLong());
    if (!memory.ok()) return memory.status();
    auto chat = parts_.intake.ReceiveFrom(caller, step, deadline);
    if (chat.ok()) chat->memory = *std::move(memory);
    return chat;
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
  absl::Status MayInvoke(RpcCall& call) const {
    const auto caller = Identify(call, Role::kInvoke);
    if (!caller.ok()) return caller.status();
    return parts_.active.TryEnter() ? absl::OkStatus() : DrainingError();
  }

  const NodeParts parts_;
};

}  // namespace

std::unique_ptr<RpcService> NewNodeService(const NodeParts& parts) {
  return std::make_unique<NodeService>(parts);
}

}  // namespace holysheep
