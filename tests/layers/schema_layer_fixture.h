#pragma once

#include <memory>
#include <string>
#include <utility>

#include "chat/first_answer.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"
#include "layers/schema_layer.h"
#include "policy/catalog.h"
#include "support/fake_backend.h"
#include "support/fake_event_loop.h"
#include "support/fake_worker.h"
#include "support/listener.h"

namespace holysheep {

// The layer over an upstream that is answered by hand.
class ConformTest : public ::testing::Test {
 protected:
  ConformTest() {
    auto fake = std::make_unique<FakeBackend>();
    fake_ = fake.get();
    layer_ = SchemaLayer(loop_, worker_, std::move(fake));
    message_->set_query("q");
    message_->set_system_prompt("s");
    message_->mutable_response_format()->set_type(
        pb::ResponseFormat::JSON_SCHEMA);
    message_->mutable_response_format()->set_schema_json(
        R"({"required":["a"]})");
  }

  void Start(const std::string& model = "deepseek-v3.2") {
    ChatRequest request;
    request.message = message_;
    request.catalog =
        std::make_shared<Catalog>(Catalog::BuiltInModels(), "deepseek-v3.2");
    request.target = request.catalog->TargetFor(model);
    request.unfinished = unfinished_;
    request.deadline = deadline_;
    listener_.call = layer_->Start(request, listener_);
  }

  static holysheep::Answer Ended(pb::InvokeResponse::FinishReason reason) {
    holysheep::Answer answer;
    pb::InvokeResponse& response = answer.response;
    response.set_finish_reason(reason);
    response.mutable_usage()->set_prompt_tokens(10);
    response.mutable_usage()->set_completion_tokens(5);
    response.mutable_usage()->set_total_tokens(15);
    answer.cost.emplace().total = Money::Parse("0.5").value();
    response.set_attempts(1);
    return answer;
  }
  void Answer(absl::string_view text) {
    FakeBackend::Call& call = fake_->calls.back();
    if (!text.empty()) call.Say(text);
    call.End(Ended(pb::InvokeResponse::STOP));
  }

  FakeEventLoop loop_;
  FakeWorker worker_;
  FakeBackend* fake_;
  std::unique_ptr<ChatBackend> layer_;
  std::shared_ptr<pb::InvokeRequest> message_ =
      std::make_shared<pb::InvokeRequest>();
  std::shared_ptr<Unfinished> unfinished_;
  std::shared_ptr<Deadline> deadline_;
  Listener listener_;
};

}  // namespace holysheep
