#include "layers/encoding_layer.h"

#include <memory>
#include <string>
#include <utility>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"
#include "openai/request_codec.h"
#include "policy/catalog.h"
#include "support/fake_backend.h"
#include "support/fake_event_loop.h"
#include "support/fake_worker.h"
#include "support/listener.h"

namespace holysheep {
namespace {

class EncodingLayerTest : public testing::Test {
 protected:
  EncodingLayerTest() {
    auto fake = std::make_unique<FakeBackend>();
    fake_ = fake.get();
    layer_ = EncodingLayer(loop_, worker_, options_, std::move(fake));
  }

  void Start(size_t query_bytes) {
    message_->set_query(std::string(query_bytes, 'q'));
    ChatRequest request;
    request.message = message_;
    request.catalog =
        std::make_shared<Catalog>(Catalog::BuiltInModels(), "deepseek-v3.2");
    request.target = request.catalog->TargetFor("deepseek-v3.2");
    request.unary = true;
    listener_.call = layer_->Start(request, listener_);
  }

  FakeEventLoop loop_;
  FakeWorker worker_;
  OpenAiOptions options_;
  std::shared_ptr<pb::InvokeRequest> message_ =
      std::make_shared<pb::InvokeRequest>();
  FakeBackend* fake_;
  std::unique_ptr<ChatBackend> layer_;
  Listener listener_;
};

TEST_F(EncodingLayerTest, ASmallRequestPassesAtOnce) {
  Start(1000);
  ASSERT_EQ(fake_->calls.size(), 1u);
  EXPECT_EQ(fake_->calls[0].request.encoded, nullptr);
  EXPECT_EQ(worker_.waiting(), 0u);
}

TEST_F(EncodingLayerTest, ALargeRequestIsWrittenBesideTheLoop) {
  options_.stream_unary = false;
  Start(100'000);
  loop_.Advance();
  EXPECT_EQ(fake_->calls.size(), 0u);
  worker_.Work();
  EXPECT_EQ(fake_->calls.size(), 0u);
  loop_.Advance();
  ASSERT_EQ(fake_->calls.size(), 1u);
  const EncodedRequest& encoded = *fake_->calls[0].request.encoded;
  EXPECT_THAT(encoded.body, testing::HasSubstr(message_->query()));
  EXPECT_FALSE(encoded.stream);
  fake_->calls[0].Say("a");
  fake_->calls[0].End(Answer());
  EXPECT_TRUE(listener_.ok());
  EXPECT_EQ(listener_.answer.result(), "a");
  EXPECT_EQ(fake_->open(), 0u);
}

TEST_F(EncodingLayerTest, ACallThatIsGoneIsNotWritten) {
  Start(100'000);
  listener_.call.reset();
  const std::weak_ptr<pb::InvokeRequest> message = message_;
  message_.reset();
  worker_.Work();
  EXPECT_TRUE(message.expired());
  loop_.Advance();
  EXPECT_EQ(fake_->calls.size(), 0u);
  EXPECT_EQ(listener_.ends, 0);
}

TEST_F(EncodingLayerTest, ACallThatLeavesMeanwhileIsNotStarted) {
  Start(100'000);
  worker_.Work();
  listener_.call.reset();
  loop_.Advance();
  EXPECT_EQ(fake_->calls.size(), 0u);
  EXPECT_EQ(listener_.ends, 0);
}

TEST_F(EncodingLayerTest, WhatCannotBeWrittenEndsTheCall) {
  message_->add_messages()->add_parts()->mutable_image()->set_url("https://x");
  Start(100'000);
  worker_.Work();
  loop_.Advance();
  EXPECT_EQ(DetailsOf(listener_.status()).field, "messages[0].parts[0].image");
  EXPECT_EQ(fake_->calls.size(), 0u);
}

}  // namespace
}  // namespace holysheep
