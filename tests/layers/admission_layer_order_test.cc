#include "gmock/gmock.h"
#include "layers/admission_layer_fixture.h"

namespace holysheep {
namespace {

using ::testing::ElementsAre;

// Who goes first, among those who wait.
class AdmissionOrderTest : public AdmissionFixture {
 protected:
  AdmissionOrderTest() { options_.max_queue_wait = absl::Minutes(10); }

  Listener& AskModel(std::string query, std::string model, int64_t requests,
                     int64_t tokens = 0) {
    RequestSpec spec;
    spec.query = std::move(query);
    spec.model = model;
    ChatRequest request = MakeRequest(spec);
    UseCatalog(request, CatalogWith(std::move(model), requests, tokens));
    return Ask(request);
  }
  Listener& AskBatch(std::string query, std::string caller = "") {
    RequestSpec spec;
    spec.query = std::move(query);
    spec.caller = std::move(caller);
    spec.priority = Priority::kBatch;
    return Ask(MakeRequest(spec));
  }
  // Ends all calls one by one, each letting in the next.
  void EndAll() {
    while (upstream_->open() > 0) EndLatest();
  }
};

TEST_F(AdmissionOrderTest, ACallersOwnCallsGoInTheirOrder) {
  limits_.service.max_concurrent = 1;
  for (const char* query : {"a", "b", "c", "d"}) Ask(query);
  EndAll();
  EXPECT_THAT(Started(), ElementsAre("a", "b", "c", "d"));
}

TEST_F(AdmissionOrderTest, Promise06CallersTakeTurns) {
  limits_.service.max_concurrent = 1;
  Ask("first");
  for (const char* query : {"a1", "a2", "a3"}) Ask(query, "a");
  for (const char* query : {"b1", "b2"}) Ask(query, "b");
  EndAll();
  EXPECT_THAT(Started(), ElementsAre("first", "a1", "b1", "a2", "b2", "a3"));
}

TEST_F(AdmissionOrderTest, InteractiveCallsGoBeforeBatches) {
  limits_.service.max_concurrent = 1;
  Ask("first");
  AskBatch("batch 1", "a");
  AskBatch("batch 2", "b");
  Ask("now", "c");
  EndAll();
  EXPECT_THAT(Started(), ElementsAre("first", "now", "batch 1", "batch 2"));
}

TEST_F(AdmissionOrderTest, BatchesFillNoMoreThanHalfOfTheQueue) {
  limits_.service.max_concurrent = 1;
  options_.max_queue = 4;
  Ask("first");
  AskBatch("batch 1");
  AskBatch("batch 2");
  Listener& third = AskBatch("batch 3");
  Ask("a");
  Ask("b");
  Listener& last = Ask("c");
  loop_.Advance();
  EXPECT_EQ(ReasonOfEnd(third), Reason::kQueueFull);
  EXPECT_EQ(ReasonOfEnd(last), Reason::kQueueFull);
  EndAll();
  AskBatch("batch 4");
  EndAll();
  EXPECT_THAT(Started(),
              ElementsAre("first", "a", "b", "batch 1", "batch 2", "batch 4"));
}

TEST_F(AdmissionOrderTest, AModelAtItsLimitDoesNotBlockOthers) {
  AskModel("x1", "x", 1);
  AskModel("x2", "x", 1);
  AskModel("y1", "y", 1);
  loop_.Advance();
  EXPECT_THAT(Started(), ElementsAre("x1", "y1"));
  loop_.Advance(absl::Minutes(1));
  EXPECT_THAT(Started(), ElementsAre("x1", "y1", "x2"));
}

TEST_F(AdmissionOrderTest, ASmallCallDoesNotOvertakeALargeOneAtTheSameLimit) {
  const auto ask = [this](std::string query, int max_tokens) {
    RequestSpec spec;
    spec.query = std::move(query);
    spec.model = "x";
    spec.message.set_max_tokens(max_tokens);
    ChatRequest request = MakeRequest(spec);
    UseCatalog(request, CatalogWith("x", 0, 1000));
    Ask(request);
  };
  ask("first", 700);
  loop_.Advance(absl::Seconds(30));
  ask("large", 900);
  ask("small", 10);  // Would fit.
  loop_.Advance(absl::Seconds(29));
  EXPECT_THAT(Started(), ElementsAre("first"));
  loop_.Advance(absl::Seconds(1));
  EXPECT_THAT(Started(), ElementsAre("first", "large", "small"));
}

TEST_F(AdmissionOrderTest, ACallerAtItsLimitDoesNotBlockOthers) {
  const auto ask = [this](std::string query, std::string name) {
    RequestSpec spec;
    spec.query = std::move(query);
    ChatRequest request = MakeRequest(spec);
    Caller caller;
    caller.name = std::move(name);
    caller.limits.requests_per_minute = 1;
    request.caller = std::make_shared<const Caller>(caller);
    Ask(request);
  };
  ask("a1", "a");
  ask("a2", "a");
  ask("b1", "b");
  loop_.Advance();
  EXPECT_THAT(Started(), ElementsAre("a1", "b1"));
}

TEST_F(AdmissionOrderTest, ACallOverItsBudgetDoesNotBlockOthers) {
  limits_.budgets = {{"poor", "*", Money(), Period::kHour}};
  options_.max_queue_wait = absl::Hours(2);
  Ask("poor", "poor");
  Ask("rich", "rich");
  loop_.Advance();
  EXPECT_THAT(Started(), ElementsAre("rich"));
  EXPECT_EQ(gauges_.queue, 1);
}

TEST_F(AdmissionOrderTest, WhoeverLeavesTheQueueCostsItsCallerNoTurn) {
  limits_.service.max_concurrent = 1;
  Ask("first");
  Listener& gone = Ask("a1", "a");
  Ask("b1", "b");
  Ask("a2", "a");
  gone.call.reset();
  EndAll();
  EXPECT_THAT(Started(), ElementsAre("first", "b1", "a2"));
}

TEST_F(AdmissionOrderTest, ACallIsNotRefusedForWhatAnotherCallerHasWaiting) {
  limits_.service.requests_per_minute = 2;
  Ask("first", "a");
  Ask("second", "a");
  for (int i = 0; i < 4; ++i) Ask("more", "a");
  RequestSpec spec;
  spec.query = "b";
  spec.caller = "b";
  spec.deadline = loop_.Now() + absl::Seconds(90);
  Ask(MakeRequest(spec));
  AskBatch("batch", "c");
  loop_.Advance(absl::Minutes(1));
  EXPECT_THAT(Started(), ElementsAre("first", "second", "more", "b"));
}

TEST_F(AdmissionOrderTest, AnInteractiveCallIsNotRefusedForABatchThatWaits) {
  limits_.service.requests_per_minute = 1;
  Ask("first");
  for (int i = 0; i < 4; ++i) AskBatch("batch");
  RequestSpec spec;
  spec.query = "now";
  spec.deadline = loop_.Now() + absl::Seconds(90);
  Ask(MakeRequest(spec));
  loop_.Advance(absl::Minutes(1));
  EXPECT_THAT(Started(), ElementsAre("first", "now"));
}

TEST_F(AdmissionOrderTest, ACallThatFitsIsNotRefusedForOnesThatDoNot) {
  limits_.service.requests_per_minute = 4;
  for (const char* query : {"x1", "x2", "x3", "x4"}) AskModel(query, "x", 2);
  RequestSpec spec;
  spec.query = "y";
  spec.deadline = loop_.Now() + absl::Seconds(30);
  Ask(MakeRequest(spec));
  loop_.Advance();
  EXPECT_THAT(Started(), ElementsAre("x1", "x2", "y"));
}

}  // namespace
}  // namespace holysheep
