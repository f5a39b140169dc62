#include "layers/key_veil_layer.h"

#include <memory>
#include <utility>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"
#include "support/fake_backend.h"
#include "support/listener.h"
#include "support/requests.h"

namespace holysheep {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kOurs[] = "hs-live-0123456789abcdefghij";
constexpr char kTheirs[] = "callers-own-key-98765432";

class VeilingTest : public testing::Test {
 protected:
  VeilingTest() {
    options_.api_key = kOurs;
    auto next = std::make_unique<FakeBackend>();
    next_ = next.get();
    backend_ = KeyVeilLayer(options_, std::move(next));
    ChatRequest request = MakeRequest();
    Caller caller;
    caller.upstream_key = kTheirs;
    request.caller = std::make_shared<const Caller>(std::move(caller));
    call_ = backend_->Start(request, listener_);
  }

  OpenAiOptions options_;
  FakeBackend* next_ = nullptr;
  std::unique_ptr<ChatBackend> backend_;
  Listener listener_;
  std::unique_ptr<ChatCall> call_;
};

TEST_F(VeilingTest, NoErrorShowsAKey) {
  ErrorDetails details;
  details.http_status = 429;
  details.retry_after = absl::Seconds(3);
  next_->calls[0].End(MakeError(Reason::kRateLimitedUpstream,
                                "HS-LIVE-01234 or callers-own-key", details));
  EXPECT_EQ(listener_.status().message(), "[key] or [key]");
  EXPECT_EQ(ReasonOf(listener_.status()), Reason::kRateLimitedUpstream);
  EXPECT_EQ(DetailsOf(listener_.status()).http_status, 429);
  EXPECT_EQ(DetailsOf(listener_.status()).retry_after, absl::Seconds(3));
}

TEST_F(VeilingTest, NoFieldBesideTheAnswerShowsAKey) {
  Answer answer = Ending();
  pb::InvokeResponse& ending = answer.response;
  ending.set_model_used(kOurs);
  ending.set_finish_reason_raw(kTheirs);
  ending.set_upstream_request_id("r-0123456789ab");
  ending.set_system_fingerprint("fp_own-key-98");
  ending.set_opaque_json(R"({"sign":"0123456789","n":1})");
  ending.add_warnings("it said callers-own-key");
  ending.add_warnings("all well");
  next_->calls[0].End(answer);
  const pb::InvokeResponse& response = **listener_.result;
  EXPECT_EQ(response.model_used(), "[key]");
  EXPECT_EQ(response.finish_reason_raw(), "[key]");
  EXPECT_EQ(response.upstream_request_id(), "[key]");
  EXPECT_EQ(response.system_fingerprint(), "[key]");
  EXPECT_EQ(response.opaque_json(), R"({"sign":"[key]","n":1})");
  EXPECT_EQ(response.warnings(0), "it said [key]");
  EXPECT_EQ(response.warnings(1), "all well");
  EXPECT_EQ(response.usage().total_tokens(), 30);
}

TEST_F(VeilingTest, OpaquePartsThatAreNoJsonWithoutTheKeyAreDropped) {
  Answer answer = Ending();
  pb::InvokeResponse& ending = answer.response;
  ending.set_opaque_json(R"({"n":[123456789]})");
  next_->calls[0].End(answer);
  EXPECT_EQ((*listener_.result)->opaque_json(), "");
  EXPECT_THAT((*listener_.result)->warnings(0), HasSubstr("opaque_json"));
}

TEST_F(VeilingTest, AnIdOfAToolCallIsNoPlaceForAKey) {
  pb::InvokeEvent event;
  event.mutable_tool_call()->set_id("call_0123456789ab");
  event.mutable_tool_call()->set_name("weather");
  next_->calls[0].observer->OnDelta(event);
  next_->calls[0].End(Ending());
  EXPECT_EQ(listener_.answer.tool_calls(0).id(), "[key]");
  EXPECT_EQ(listener_.answer.tool_calls(0).name(), "weather");
}

TEST_F(VeilingTest, WhatTheModelSaysPassesUntouched) {
  next_->calls[0].Say("0123456789abcdef");
  next_->calls[0].End(Ending());
  EXPECT_EQ(listener_.answer.result(), "0123456789abcdef");
  EXPECT_THAT(std::string((*listener_.result)->model_used()),
              Not(HasSubstr("[key]")));
}

}  // namespace
}  // namespace holysheep
