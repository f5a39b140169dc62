#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "chat/answer.h"
#include "chat/backend.h"
#include "holysheep/node/v1/chat.pb.h"
#include "policy/catalog.h"

namespace holysheep {

// What a test wants to be special about a request.
struct RequestSpec {
  std::string query = "hi";
  std::string model = "deepseek-v3.2";
  std::string caller = "";
  absl::Time deadline = absl::InfiniteFuture();
  absl::Time arrived;
  pb::InvokeRequest message;
  Priority priority = Priority::kInteractive;
};

// Asks for the message's model as the catalog has it.
inline void UseCatalog(ChatRequest& request,
                       std::shared_ptr<const Catalog> catalog) {
  request.target = catalog->TargetFor(request.message->model());
  request.catalog = std::move(catalog);
}

// A request as validation would have made it.
inline ChatRequest MakeRequest(RequestSpec spec = {}) {
  pb::InvokeRequest& message = spec.message;
  message.set_query(spec.query);
  message.set_model(spec.model);
  if (!message.has_max_tokens()) message.set_max_tokens(2048);
  if (!message.has_max_attempts()) message.set_max_attempts(3);
  message.set_request_id("request-1");
  Caller caller;
  caller.name = spec.caller;

  ChatRequest request;
  request.key.material = std::make_shared<const std::string>(
      absl::StrCat(spec.caller, "/", spec.model, "/", spec.query, "/",
                   message.cache().namespace_()));
  request.key.digest = absl::StrCat("digest of ", *request.key.material);
  request.message = std::make_shared<const pb::InvokeRequest>(message);
  request.caller = std::make_shared<const Caller>(std::move(caller));
  UseCatalog(request, std::make_shared<const Catalog>(Catalog::BuiltInModels(),
                                                      "deepseek-v3.2"));
  request.deadline = std::make_shared<Deadline>(Deadline{spec.deadline});
  request.arrived = spec.arrived;
  request.priority = spec.priority;
  return request;
}

// A whole answer's ending as the upstream's backend gives it.
inline Answer Ending(
    pb::InvokeResponse::FinishReason reason = pb::InvokeResponse::STOP) {
  Answer answer;
  pb::InvokeResponse& ending = answer.response;
  ending.set_model_used("deepseek-v3.2");
  ending.set_finish_reason(reason);
  ending.mutable_usage()->set_prompt_tokens(10);
  ending.mutable_usage()->set_completion_tokens(20);
  ending.mutable_usage()->set_total_tokens(30);
  ending.set_tokens_used(30);
  Cost& cost = answer.cost.emplace();
  cost.total = Money::Parse("0.0000126").value();
  cost.prompt = Money::Parse("0.0000042").value();
  cost.completion = Money::Parse("0.0000084").value();
  cost.official = Money::Parse("0.000084").value();
  cost.saved = Money::Parse("0.0000714").value();
  return answer;
}

}  // namespace holysheep
