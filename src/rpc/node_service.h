#pragma once

#include <memory>

#include "base/event_loop.h"
#include "base/memory_account.h"
#include "chat/answer_store.h"
#include "chat/backend.h"
#include "intake/credential_checks.h"
#include "intake/request_intake.h"
#include "intake/revocation.h"
#include "layers/metering_layer.h"
#include "policy/circuit_breaker_registry.h"
#include "rpc/active_calls.h"
#include "rpc/async_call.h"

namespace holysheep {

// The objects that the LlmNode service uses; all must outlive it. The node
// fills it once, at the start (node/node.cc).
struct NodeParts {
  EventLoop& loop;
  // The whole chain of layers.
  ChatBackend& chat;
  // For cache hits, which are answered where they come (docs/adr/0003).
  AnswerStore& store;
  // For ListModels, on the loop.
  const CircuitBreakerRegistry& breakers;
  // Receives the calls that `store` has answered; the chain reports all others.
  CallSink& calls;
  const RequestIntake& intake;
  CredentialChecks& credentials;
  // What all messages and answers under way hold.
  MemoryAccount& memory;
  ActiveCalls& active;
  Revocation& revocation;
};

// Implements holysheep.node.v1.LlmNode. Each handler identifies the caller and
// checks the request, enters `active`, and then either answers at once or
// leaves a reactor behind. Thread-safe.
std::unique_ptr<RpcService> NewNodeService(const NodeParts& parts);

}  // namespace holysheep
