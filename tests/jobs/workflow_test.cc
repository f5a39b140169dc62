#include "jobs/workflow.h"

#include <utility>
#include <vector>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "holysheep/node/v1/node.pb.h"
#include "support/fake_backend.h"
#include "support/fake_event_loop.h"
#include "support/requests.h"

namespace holysheep {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class WorkflowTest : public ::testing::Test, WorkflowObserver {
 protected:
  void Run(const std::string& text) {
    auto request = std::make_shared<pb::RunWorkflowRequest>();
    ASSERT_TRUE(
        google::protobuf::TextFormat::ParseFromString(text, request.get()));
    const auto make = [](const pb::InvokeRequest& call) {
      RequestSpec spec;
      spec.query = call.query();
      spec.message = call;
      if (!call.model().empty()) spec.model = call.model();
      return absl::StatusOr<ChatRequest>(MakeRequest(spec));
    };
    auto plan = PlanWorkflow(*request, make);
    ASSERT_TRUE(plan.ok()) << plan.status();
    workflow_ = NewWorkflow({loop_, chat_, *this, make}, std::move(request),
                            *std::move(plan));
    workflow_->Proceed();
  }

  // Ends the step under way and lets the next one begin.
  void Answer(const std::string& text) {
    chat_.calls.back().Say(text);
    chat_.calls.back().End(Ending());
    workflow_->Proceed();
  }
  void Fail() {
    chat_.calls.back().End(MakeError(Reason::kUpstream5xx, "no"));
    workflow_->Proceed();
  }

  // What the model is shown in the latest call.
  std::vector<std::string> Shown() const {
    const pb::InvokeRequest& call = *chat_.calls.back().request.message;
    std::vector<std::string> texts;
    if (!call.query().empty()) texts.push_back("USER " + call.query());
    for (const pb::Message& message : call.messages()) {
      texts.push_back(pb::Message::Role_Name(message.role()) + " " +
                      message.parts(0).text());
    }
    return texts;
  }
  const pb::WorkflowFinished& Finished() const {
    return events_.back().finished();
  }

  void OnEvent(const pb::WorkflowEvent& event) override {
    events_.push_back(event);
  }
  void OnStepFailed(const pb::StepFinished& step,
                    const absl::Status& error) override {
    failures_.emplace_back(step, error);
  }

  FakeEventLoop loop_;
  FakeBackend chat_;
  std::vector<pb::WorkflowEvent> events_;
  std::vector<std::pair<pb::StepFinished, absl::Status>> failures_;
  std::unique_ptr<Workflow> workflow_;
};

TEST_F(WorkflowTest, EveryStepSeesTheConversationSoFar) {
  Run("query: 'q' steps {} steps {prompt: 'two'} "
      "steps {prompt: '{{steps.step0.output}}?'}");
  EXPECT_THAT(Shown(), ElementsAre("USER q"));
  Answer("one");
  EXPECT_THAT(Shown(), ElementsAre("USER q", "ASSISTANT one", "USER two"));
  Answer("2");
  EXPECT_THAT(Shown(), ElementsAre("USER q", "ASSISTANT one", "USER two",
                                   "ASSISTANT 2", "USER one?"));
}

TEST_F(WorkflowTest, AQueryThatNoPromptRefersToStandsBeforeTheFirstPrompt) {
  Run("query: 'q {{x}}' steps {prompt: 'one'} steps {prompt: 'two'}");
  EXPECT_THAT(Shown(), ElementsAre("USER q {{x}}\n\none"));
  Answer("1");
  EXPECT_THAT(Shown(),
              ElementsAre("USER q {{x}}\n\none", "ASSISTANT 1", "USER two"));
}

TEST_F(WorkflowTest, AQueryThatSomePromptRefersToStandsOnlyThere) {
  Run("query: 'q' steps {prompt: 'one'} steps {prompt: 'two {{ query }}'}");
  EXPECT_THAT(Shown(), ElementsAre("USER one"));
  Answer("1");
  EXPECT_THAT(Shown(), ElementsAre("USER one", "ASSISTANT 1", "USER two q"));
}

TEST_F(WorkflowTest, ABlankQueryStandsNowhere) {
  Run("query: ' ' steps {prompt: 'one'}");
  EXPECT_THAT(Shown(), ElementsAre("USER one"));
}

TEST_F(WorkflowTest, TheQueryIsNotForgottenWithAFirstStepThatFails) {
  Run("query: 'q' steps {prompt: 'one'} steps {prompt: 'two'}");
  Fail();
  EXPECT_THAT(Shown(), ElementsAre("USER q\n\ntwo"));
}

TEST_F(WorkflowTest, AQueryThatLeavesNoRoomForThePromptFailsTheStep) {
  const std::string query((8 << 20) - 4, 'x');
  Run("query: '" + query + "' steps {prompt: 'one'}");
  ASSERT_THAT(failures_, SizeIs(1));
  EXPECT_EQ(ReasonOf(failures_[0].second), Reason::kContextLength);
  EXPECT_THAT(chat_.calls, SizeIs(0));
}

TEST_F(WorkflowTest, EveryStepHasItsOwnModelAndParameters) {
  Run("query: 'q' steps {model: 'gpt-4.1' temperature: 0 max_tokens: 7} "
      "steps {prompt: 'x'}");
  const pb::InvokeRequest first = *chat_.calls[0].request.message;
  EXPECT_EQ(first.model(), "gpt-4.1");
  EXPECT_TRUE(first.has_temperature());
  EXPECT_EQ(first.temperature(), 0);
  EXPECT_EQ(first.max_tokens(), 7);
  Answer("a");
  EXPECT_FALSE(chat_.calls[1].request.message->has_temperature());
}

TEST_F(WorkflowTest, TellsOfEverythingAsItHappens) {
  Run("query: 'q' steps {name: 'only'}");
  ASSERT_THAT(events_, SizeIs(1));
  EXPECT_EQ(events_[0].step_started().name(), "only");
  EXPECT_EQ(events_[0].step_started().model(), "deepseek-v3.2");
  chat_.calls[0].Say("ab");
  pb::InvokeEvent thought;
  thought.set_reasoning("hm");
  chat_.calls[0].observer->OnDelta(thought);
  ASSERT_THAT(events_, SizeIs(3));
  EXPECT_EQ(events_[1].delta().text(), "ab");
  EXPECT_EQ(events_[2].delta().reasoning(), "hm");
  chat_.calls[0].End(Ending());
  ASSERT_THAT(events_, SizeIs(4));
  EXPECT_EQ(events_[3].step_finished().name(), "only");
  EXPECT_EQ(events_[3].step_finished().response().result(), "ab");
  EXPECT_EQ(events_[3].step_finished().response().reasoning(), "hm");
  workflow_->Proceed();
  EXPECT_TRUE(events_.back().has_finished());
}

TEST_F(WorkflowTest, TheNextStepWaitsForTheObserver) {
  Run("query: 'q' steps {} steps {prompt: 'x'}");
  chat_.calls[0].Say("a");
  chat_.calls[0].End(Ending());
  EXPECT_THAT(chat_.calls, SizeIs(1));
  workflow_->Proceed();
  EXPECT_THAT(chat_.calls, SizeIs(2));
}

TEST_F(WorkflowTest, AFailedStepIsRecordedAndTheNextGoesOnWithoutIt) {
  Run("query: 'q' steps {} steps {name: 'b' prompt: 'two'} "
      "steps {prompt: 'three ({{steps.b.output}})'}");
  Answer("one");
  Fail();
  ASSERT_THAT(failures_, SizeIs(1));
  EXPECT_EQ(failures_[0].first.name(), "b");
  EXPECT_EQ(failures_[0].first.index(), 1);
  EXPECT_EQ(ReasonOf(failures_[0].second), Reason::kUpstream5xx);
  EXPECT_THAT(Shown(), ElementsAre("USER q", "ASSISTANT one", "USER three ()"));
  Answer("3");
  EXPECT_EQ(Finished().steps_succeeded(), 2);
  EXPECT_EQ(Finished().steps_failed(), 1);
  EXPECT_EQ(Finished().result(), "3");
}

TEST_F(WorkflowTest, StopsAtAFailureIfAsked) {
  Run("query: 'q' stop_on_error: true steps {} steps {prompt: 'x'}");
  Fail();
  EXPECT_THAT(chat_.calls, SizeIs(1));
  EXPECT_EQ(Finished().steps_succeeded(), 0);
  EXPECT_EQ(Finished().steps_failed(), 1);
  EXPECT_EQ(Finished().result(), "");
  EXPECT_EQ(Finished().cost().total(), "0");
}

TEST_F(WorkflowTest, APromptThatBecomesBlankFailsItsStepOnly) {
  Run("query: 'q' steps {} steps {prompt: '{{steps.step0.output}}'} "
      "steps {prompt: 'x'}");
  Fail();
  ASSERT_THAT(failures_, SizeIs(2));
  EXPECT_EQ(DetailsOf(failures_[1].second).field, "steps[1].prompt");
  workflow_->Proceed();
  EXPECT_THAT(Shown(), ElementsAre("USER x"));
}

TEST_F(WorkflowTest, TheTotalsAreExactSums) {
  Run("query: 'q' steps {} steps {prompt: 'x'}");
  Answer("a");
  loop_.Advance(absl::Milliseconds(250));
  Answer("b");
  EXPECT_EQ(Finished().usage().prompt_tokens(), 20);
  EXPECT_EQ(Finished().usage().completion_tokens(), 40);
  EXPECT_EQ(Finished().usage().total_tokens(), 60);
  EXPECT_EQ(Finished().cost().total(), "0.0000252");
  EXPECT_EQ(Finished().cost().prompt(), "0.0000084");
  EXPECT_EQ(Finished().cost().completion(), "0.0000168");
  EXPECT_EQ(Finished().cost().official(), "0.000168");
  EXPECT_EQ(Finished().cost().saved(), "0.0001428");
  EXPECT_EQ(Finished().cost().currency(), "USD");
  EXPECT_EQ(Finished().latency_ms(), 250);
}

TEST_F(WorkflowTest, ALossIsAddedUpToo) {
  Run("query: 'q' steps {}");
  auto ending = Ending();
  ending.cost->saved = Money::ParseSigned("-0.5").value();
  chat_.calls[0].End(ending);
  workflow_->Proceed();
  EXPECT_EQ(Finished().cost().saved(), "-0.5");
}

TEST_F(WorkflowTest, DestroyingItCancelsTheStepUnderWay) {
  Run("query: 'q' steps {}");
  EXPECT_EQ(chat_.open(), 1u);
  workflow_.reset();
  EXPECT_EQ(chat_.open(), 0u);
}

}  // namespace
}  // namespace holysheep
