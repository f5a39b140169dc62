#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "layers/cache_layer.h"
#include "layers/chain_rig.h"
#include "support/listener.h"
#include "support/requests.h"

// The contract of a call (backend.h), which every layer keeps.
namespace holysheep {
namespace {

using ::testing::ElementsAre;
using Next = std::unique_ptr<ChatBackend>;

struct Layer {
  std::string name;
  std::function<Next(ChainRig& rig, Next next)> over;

  friend std::ostream& operator<<(std::ostream& out, const Layer& layer) {
    return out << layer.name;
  }
};

// Every layer of the service by itself, the cache turned off, and all.
std::vector<Layer> Layers() {
  std::vector<Layer> layers;
  for (const ChainLayer& layer : ChainLayers()) {
    layers.push_back({std::string(layer.name), [&layer](ChainRig& rig, Next n) {
                        return layer.over(rig.parts(), std::move(n));
                      }});
  }
  layers.push_back({"CacheTurnedOff", [](ChainRig& rig, Next n) {
                      rig.cache.enabled = false;
                      return CacheLayer(rig.loop, rig.store, rig.cache,
                                        std::move(n));
                    }});
  layers.push_back({"TheWholeChain", [](ChainRig& rig, Next n) {
                      return rig.Compose(std::move(n));
                    }});
  return layers;
}

// Does not drop its call at the end.
struct Keeper final : ChatObserver {
  void OnDelta(const pb::InvokeEvent&) override { ++deltas; }
  void OnDone(absl::StatusOr<Answer>) override { ++ends; }
  int deltas = 0;
  int ends = 0;
  std::unique_ptr<ChatCall> call;
};

class ContractTest : public ::testing::TestWithParam<Layer> {
 protected:
  ContractTest() {
    auto fake = std::make_unique<FakeBackend>();
    upstream_ = fake.get();
    layer_ = GetParam().over(rig_, std::move(fake));
  }

  ChatRequest Request() {
    RequestSpec spec;
    spec.arrived = rig_.loop.Now();
    spec.deadline = rig_.loop.Now() + absl::Minutes(5);
    spec.message.add_fallback_models("gpt-4.1");
    return MakeRequest(spec);
  }
  template <typename Observer>
  FakeBackend::Call& Start(Observer& observer) {
    observer.call = layer_->Start(Request(), observer);
    EXPECT_EQ(upstream_->calls.size(), 1u);
    return upstream_->calls.front();
  }
  // Nothing is left of a call, at the upstream or in the loop.
  void ExpectAllReleased() {
    EXPECT_EQ(upstream_->open(), 0u);
    rig_.loop.Advance();
    EXPECT_EQ(rig_.loop.pending(), 0u);
    EXPECT_EQ(rig_.limiter.in_flight(), 0);
    EXPECT_EQ(rig_.gauges.queue, 0);
  }

  ChainRig rig_;
  FakeBackend* upstream_;
  std::unique_ptr<ChatBackend> layer_;
};

TEST_P(ContractTest, Rule1StartCallsNoObserver) {
  Keeper keeper;
  Start(keeper);
  EXPECT_EQ(keeper.deltas, 0);
  EXPECT_EQ(keeper.ends, 0);
}

TEST_P(ContractTest, Rule2TheEndComesOnceAndLast) {
  Keeper keeper;
  FakeBackend::Call& call = Start(keeper);
  call.Say("he");
  call.Say("llo");
  EXPECT_EQ(keeper.deltas, 2);
  EXPECT_EQ(keeper.ends, 0);
  call.End(Ending());
  EXPECT_EQ(keeper.ends, 1);
  rig_.loop.Advance(absl::Minutes(10));
  EXPECT_EQ(keeper.deltas, 2);
  EXPECT_EQ(keeper.ends, 1);
}

TEST_P(ContractTest, DeltasAndTheEndingPassThrough) {
  Listener listener;
  FakeBackend::Call& call = Start(listener);
  call.Say("he");
  call.Say("");
  call.Say("llo");
  call.End(Ending());
  ASSERT_TRUE(listener.ok());
  EXPECT_THAT(listener.chunks, ElementsAre("he", "", "llo"));
  const pb::InvokeResponse& ending = **listener.result;
  EXPECT_EQ(ending.model_used(), "deepseek-v3.2");
  EXPECT_EQ(ending.finish_reason(), pb::InvokeResponse::STOP);
  EXPECT_EQ(ending.usage().total_tokens(), 30);
  EXPECT_EQ(ending.cost().total(), "0.0000126");
}

TEST_P(ContractTest, AnErrorPassesThrough) {
  ErrorDetails details;
  details.http_status = 400;
  details.retry_after = absl::Seconds(7);
  const absl::Status error =
      MakeError(Reason::kContentFilter, "filtered", details);
  Listener listener;
  Start(listener).End(error);
  ASSERT_EQ(listener.ends, 1);
  EXPECT_EQ(listener.status(), error);
  ExpectAllReleased();
}

TEST_P(ContractTest, AnErrorAfterADeltaPassesThrough) {
  const absl::Status error = MakeError(Reason::kUpstream5xx, "down");
  Listener listener;
  FakeBackend::Call& call = Start(listener);
  call.Say("hal");
  call.End(error);
  ASSERT_EQ(listener.ends, 1);
  EXPECT_EQ(listener.status(), error);
  ExpectAllReleased();
}

TEST_P(ContractTest, Rule3ACallMayBeDestroyedInsideItsEnd) {
  Listener listener;  // Does so.
  FakeBackend::Call& call = Start(listener);
  call.Say("hello");
  call.End(Ending());
  EXPECT_EQ(listener.ends, 1);
  ExpectAllReleased();
}

TEST_P(ContractTest, ACallMayBeDestroyedAfterItsEnd) {
  Keeper keeper;
  Start(keeper).End(Ending());
  rig_.loop.Advance(absl::Seconds(1));
  keeper.call.reset();
  EXPECT_EQ(keeper.ends, 1);
  ExpectAllReleased();
}

TEST_P(ContractTest, Rule4DestroyingCancelsSilentlyAndReleasesAll) {
  Keeper keeper;
  Start(keeper);
  keeper.call.reset();
  ExpectAllReleased();
  rig_.loop.Advance(absl::Minutes(10));
  EXPECT_EQ(keeper.deltas, 0);
  EXPECT_EQ(keeper.ends, 0);
}

TEST_P(ContractTest, Rule4DestroyingInTheMidstOfAnAnswerReleasesAll) {
  Keeper keeper;
  Start(keeper).Say("hal");
  keeper.call.reset();
  ExpectAllReleased();
  EXPECT_EQ(keeper.deltas, 1);
  EXPECT_EQ(keeper.ends, 0);
}

TEST_P(ContractTest, ManyCallsKeepOutOfEachOthersWay) {
  Keeper keepers[8];
  for (int i = 0; i < 8; ++i) {
    ChatRequest request = Request();
    request.key = {};
    keepers[i].call = layer_->Start(request, keepers[i]);
  }
  ASSERT_EQ(upstream_->calls.size(), 8u);
  for (int i = 0; i < 8; ++i) {
    if (i % 2 == 0) keepers[i].call.reset();
  }
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(upstream_->calls[i].dropped, i % 2 == 0);
    if (i % 2 != 0) upstream_->calls[i].End(Ending());
    EXPECT_EQ(keepers[i].ends, i % 2);
    keepers[i].call.reset();
  }
  ExpectAllReleased();
}

INSTANTIATE_TEST_SUITE_P(Layers, ContractTest, ::testing::ValuesIn(Layers()),
                         [](const auto& test) {
                           return std::string(test.param.name);
                         });

}  // namespace
}  // namespace holysheep
