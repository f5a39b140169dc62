#pragma once

#include <grpcpp/impl/service_type.h>

#include <memory>

#include "base/event_loop.h"
#include "chat/answer_store.h"
#include "chat/backend.h"
#include "intake/credential_check.h"
#include "intake/request_intake.h"
#include "layers/metering_layer.h"
#include "policy/circuit_breaker_registry.h"
#include "rpc/active_calls.h"

namespace holysheep {

// The objects that the LlmNode service uses; all must outlive it.
struct NodeParts {
  EventLoop& loop;
  ChatBackend& chat;
  AnswerStore& store;
  const CircuitBreakerRegistry& breakers;
  CallSink& calls;
  const RequestIntake& intake;
  CredentialCheck& credentials;
  ActiveCalls& active;
};

// Implements holysheep.node.v1.LlmNode.
std::unique_ptr<grpc::Service> NewNodeService(const NodeParts& parts);

}  // namespace holysheep
