#include "jobs/workflow_plan.h"

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/node.pb.h"
#include "support/requests.h"

namespace holysheep {
namespace {

// Of a call it knows only that a temperature may be too high.
absl::StatusOr<ChatRequest> Make(const pb::InvokeRequest& request) {
  if (request.temperature() > 2) {
    return InvalidField("temperature", "must be 0 to 2");
  }
  if (!request.caller().source().empty()) {
    return InvalidField("caller.source", "is bad");
  }
  RequestSpec spec;
  spec.message = request;
  return MakeRequest(spec);
}

absl::StatusOr<WorkflowPlan> Plan(const std::string& text) {
  pb::RunWorkflowRequest request;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &request))
      << text;
  return PlanWorkflow(request, Make);
}

TEST(WorkflowPlanTest, StepsHaveNamesOfTheirOwnOrByTheirPosition) {
  const auto plan = Plan(
      "query: 'q' steps {} steps {name: 'b' prompt: 'x'} "
      "steps {prompt: '{{steps.step0.output}}{{steps.b.output}}'}");
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->steps.size(), 3u);
  EXPECT_EQ(plan->steps[0].name, "step0");
  EXPECT_EQ(plan->steps[1].name, "b");
  EXPECT_EQ(plan->steps[2].name, "step2");
}

TEST(WorkflowPlanTest, TheFirstPromptIsTheQueryUnlessItIsGiven) {
  const auto plan = Plan("query: 'q' steps {}");
  ASSERT_TRUE(plan.ok()) << plan.status();
  EXPECT_EQ(*plan->steps[0].prompt.Render("q", {}, 10), "q");
}

TEST(WorkflowPlanTest, TheQueryMayBeUnsetIfNobodyRefersToIt) {
  EXPECT_TRUE(Plan("steps {prompt: 'x'}").ok());
}

TEST(WorkflowPlanTest, RefusesWhatIsWrongBeforeTheFirstCall) {
  const std::pair<const char*, const char*> kCases[] = {
      {"query: 'q'", "steps"},
      {"steps {}", "query"},
      {"query: ' ' steps {}", "query"},
      {"steps {prompt: 'x'} steps {prompt: '{{query}}'}", "query"},
      {"query: 'q' steps {} steps {}", "steps[1].prompt"},
      {"query: 'q' steps {prompt: ' '}", "steps[0].prompt"},
      {"query: 'q' steps {prompt: '{{query.nobody}}'}", "steps[0].prompt"},
      {"query: 'q' steps {prompt: '{{steps.step0.output}}'}",
       "steps[0].prompt"},
      {"query: 'q' steps {} steps {prompt: '{{steps.step2.output}}'} "
       "steps {prompt: 'x'}",
       "steps[1].prompt"},
      {"query: 'q' steps {name: 'a b'}", "steps[0].name"},
      {"query: 'q' steps {name: 'a'} steps {name: 'a' prompt: 'x'}",
       "steps[1].name"},
      {"query: 'q' steps {name: 'step1'} steps {prompt: 'x'}", "steps[1].name"},
      {"query: 'q' steps {} steps {prompt: 'x' temperature: 3}",
       "steps[1].temperature"},
      {"query: 'q' steps {} caller {source: 'x'}", "caller.source"},
  };
  for (const auto& [text, field] : kCases) {
    const absl::Status status = Plan(text).status();
    ASSERT_FALSE(status.ok()) << text;
    EXPECT_EQ(ReasonOf(status), Reason::kInvalidArgument) << text;
    EXPECT_EQ(DetailsOf(status).field, field) << text;
  }
}

TEST(WorkflowPlanTest, TakesSixtyFourStepsAndNoMore) {
  std::string text = "query: 'q'";
  for (int i = 0; i < 64; ++i) absl::StrAppend(&text, " steps {prompt: 'x'}");
  EXPECT_TRUE(Plan(text).ok());
  const absl::Status status = Plan(text + " steps {prompt: 'x'}").status();
  EXPECT_EQ(DetailsOf(status).field, "steps");
}

TEST(WorkflowPlanTest, ARefusalNamesItsFieldOnce) {
  const absl::Status status =
      Plan("query: 'q' steps {temperature: 3}").status();
  EXPECT_EQ(status.message(), "steps[0].temperature: must be 0 to 2");
}

}  // namespace
}  // namespace holysheep
