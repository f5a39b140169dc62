#include "layers/memory/memory_layer.h"

#include <memory>
#include <string>
#include <utility>

#include "base/errors.h"
#include "base/memory_account.h"
#include "gtest/gtest.h"
#include "support/fake_backend.h"
#include "support/fake_event_loop.h"
#include "support/listener.h"
#include "support/requests.h"

namespace holysheep {
namespace {

constexpr int64_t kStep = MemoryAccount::kStep;

class MemoryLayerTest : public ::testing::TestWithParam<MemoryOf> {
 protected:
  MemoryLayerTest() {
    auto fake = std::make_unique<FakeBackend>();
    upstream_ = fake.get();
    layer_ = MemoryLayer(loop_, GetParam(), std::move(fake));
  }

  // The request keeps its memory as long as the returned pointer lives.
  FakeBackend::Call& Start() {
    ChatRequest request = MakeRequest();
    memory_ = std::make_shared<HeldMemory>(*account_.Take("a", 1));
    request.memory = memory_;
    listener_.call = layer_->Start(request, listener_);
    // The fake keeps a copy of the request, which no layer does.
    upstream_->calls.front().request.memory = nullptr;
    return upstream_->calls.front();
  }
  void ExpectAllGivenBack() {
    memory_ = nullptr;
    EXPECT_EQ(upstream_->open(), 0u);
    EXPECT_EQ(loop_.pending(), 0u);
    EXPECT_EQ(account_.bytes(), 0);
  }

  MemoryAccount account_{{4 * kStep, /*shared=*/false}};
  FakeEventLoop loop_;
  FakeBackend* upstream_;
  std::unique_ptr<ChatBackend> layer_;
  std::shared_ptr<HeldMemory> memory_;
  Listener listener_;
};

TEST_P(MemoryLayerTest, CountsWhatPassesAndGivesItBackAtTheEnd) {
  FakeBackend::Call& call = Start();
  call.Say(std::string(2 * kStep, 'x'));
  EXPECT_GT(account_.bytes(), 2 * kStep);
  call.End(Ending());
  EXPECT_TRUE(listener_.ok());
  ExpectAllGivenBack();
}

TEST_P(MemoryLayerTest, AnAnswerThatOutgrowsTheAccountEndsTheCall) {
  FakeBackend::Call& call = Start();
  call.Say("hello");
  for (int i = 0; i < 1000; ++i) call.Say(std::string(1000, 'x'));
  EXPECT_LE(account_.bytes(), 4 * kStep);
  EXPECT_LE(listener_.chunks.size(), 65u);
  EXPECT_EQ(listener_.ends, 0) << "not inside a piece";
  loop_.Advance();
  ASSERT_EQ(listener_.ends, 1);
  EXPECT_EQ(ReasonOf(listener_.status()), Reason::kQueueFull);
  const ErrorDetails details = DetailsOf(listener_.status());
  EXPECT_EQ(details.limit, "limits.max_memory");
  EXPECT_TRUE(details.lasting) << "another attempt would only be paid again";
  ExpectAllGivenBack();
}

TEST_P(MemoryLayerTest, AnEndThatComesBeforeThatTurnIsTheSameError) {
  FakeBackend::Call& call = Start();
  call.Say(std::string(5 * kStep, 'x'));
  call.End(Ending());
  ASSERT_EQ(listener_.ends, 1);
  EXPECT_EQ(ReasonOf(listener_.status()), Reason::kQueueFull);
  loop_.Advance();
  EXPECT_EQ(listener_.ends, 1);
  ExpectAllGivenBack();
}

TEST_P(MemoryLayerTest, OpaquePartsOfTheEndCountToo) {
  FakeBackend::Call& call = Start();
  Answer ending = Ending();
  ending.response.set_opaque_json(std::string(5 * kStep, 'x'));
  call.End(std::move(ending));
  ASSERT_EQ(listener_.ends, 1);
  EXPECT_EQ(ReasonOf(listener_.status()), Reason::kQueueFull);
  ExpectAllGivenBack();
}

TEST_P(MemoryLayerTest, AnErrorGivesBackAll) {
  FakeBackend::Call& call = Start();
  call.Say(std::string(kStep, 'x'));
  call.End(MakeError(Reason::kStreamTruncated, "cut"));
  ASSERT_EQ(listener_.ends, 1);
  EXPECT_EQ(ReasonOf(listener_.status()), Reason::kStreamTruncated);
  ExpectAllGivenBack();
}

TEST_P(MemoryLayerTest, CancellingGivesBackAll) {
  FakeBackend::Call& call = Start();
  call.Say(std::string(kStep, 'x'));
  listener_.call = nullptr;
  EXPECT_EQ(listener_.ends, 0);
  ExpectAllGivenBack();
}

TEST_P(MemoryLayerTest, CancellingOneThatIsBeingEndedGivesBackAll) {
  FakeBackend::Call& call = Start();
  call.Say(std::string(5 * kStep, 'x'));
  listener_.call = nullptr;
  loop_.Advance();
  EXPECT_EQ(listener_.ends, 0);
  ExpectAllGivenBack();
}

TEST_P(MemoryLayerTest, RequestsWithoutAnAccountPass) {
  listener_.call = layer_->Start(MakeRequest(), listener_);
  upstream_->calls.front().Say(std::string(100 * kStep, 'x'));
  upstream_->calls.front().End(Ending());
  EXPECT_TRUE(listener_.ok());
  ExpectAllGivenBack();
}

INSTANTIATE_TEST_SUITE_P(Both, MemoryLayerTest,
                         ::testing::Values(MemoryOf::kReader,
                                           MemoryOf::kFlight),
                         [](const auto& test) {
                           return test.param == MemoryOf::kReader ? "Reader"
                                                                  : "Flight";
                         });

using ReadersMemoryTest = MemoryLayerTest;
INSTANTIATE_TEST_SUITE_P(Alone, ReadersMemoryTest,
                         ::testing::Values(MemoryOf::kReader));

TEST_P(ReadersMemoryTest, WhatAReaderKeepsCountsUntilItLetsGo) {
  FakeBackend::Call& call = Start();
  call.Say(std::string(2 * kStep, 'x'));
  call.End(Ending());
  EXPECT_GT(account_.bytes(), 2 * kStep);
  ExpectAllGivenBack();
}

}  // namespace
}  // namespace holysheep
