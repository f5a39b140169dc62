#pragma once

#include <memory>
#include <random>
#include <string>
#include <utility>

#include "base/errors.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"
#include "policy/catalog.h"
#include "support/fake_event_loop.h"
#include "support/fake_transport.h"
#include "support/listener.h"
#include "upstream/openai_backend.h"

namespace holysheep {

inline constexpr char kHello[] =
    "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}\n\n";
inline constexpr char kStop[] =
    "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
inline constexpr char kHelloAndStop[] =
    "data: {\"choices\":[{\"delta\":{\"content\":\"Hello\"},"
    "\"finish_reason\":\"stop\"}]}\n\n";
inline constexpr char kRole[] =
    "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\"}}]}\n\n";
inline constexpr char kDone[] = "data: [DONE]\n\n";

// A backend over a fake transport, and one call of it.
class AttemptTest : public testing::Test {
 protected:
  AttemptTest() {
    options_.base_url = "https://api.example.com/v1/";
    options_.api_key = "hs-live-0123456789abcdefghij";
    options_.first_token_timeout = absl::Seconds(60);
    options_.idle_timeout = absl::Seconds(20);
    message_->set_query("Hallo");
    message_->set_request_id("r-1");
  }

  ChatRequest Request() {
    ChatRequest request;
    request.message = message_;
    request.caller = caller_;
    request.catalog =
        std::make_shared<Catalog>(Catalog::BuiltInModels(), "deepseek-v3.2");
    request.target = request.catalog->TargetFor("deepseek-v3.2");
    return request;
  }
  FakeHttpTransport::Transfer& Start() {
    listener_.call = backend_->Start(Request(), listener_);
    return transport_.transfers.back();
  }
  Reason EndReason() { return ReasonOf(listener_.status()); }

  FakeEventLoop loop_;
  FakeHttpTransport transport_;
  OpenAiOptions options_;
  std::shared_ptr<pb::InvokeRequest> message_ =
      std::make_shared<pb::InvokeRequest>();
  std::shared_ptr<Caller> caller_ = std::make_shared<Caller>();
  std::mt19937_64 random_{1};
  std::unique_ptr<ChatBackend> backend_ =
      OpenAi(loop_, transport_, options_, random_);
  Listener listener_;
};

}  // namespace holysheep
