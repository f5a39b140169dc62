#include "cli/commands/workflow.h"

#include <ostream>

#include "absl/strings/str_cat.h"
#include "base/utf8.h"
#include "cli/commands/answer.h"
#include "cli/commands/workflow_file.h"
#include "cli/terminal/table.h"
#include "cli/terminal/text.h"
#include "google/protobuf/util/json_util.h"

namespace holysheep::cli {
namespace {

// Prints events for people: outputs on `out`, everything else on `err`.
class WorkflowPrinter {
 public:
  WorkflowPrinter(const Session& session, int steps, bool quiet)
      : session_(session), answer_(session), steps_(steps), quiet_(quiet) {}

  void Print(const pb::WorkflowEvent& event) {
    switch (event.event_case()) {
      case pb::WorkflowEvent::kStepStarted:
        return Start(event.step_started());
      case pb::WorkflowEvent::kDelta:
        return Text(event.delta().text());
      case pb::WorkflowEvent::kStepFinished:
        return Finish(event.step_finished());
      case pb::WorkflowEvent::kFinished:
        if (!quiet_) Totals(event.finished());
        return;
      default:
        return;
    }
  }

  // Also called if the call failed in the middle of a step.
  void End() { answer_.End(); }

 private:
  void Start(const pb::StepStarted& step) {
    if (quiet_) return;
    Say(Style::kBold, absl::StrCat("[", step.index() + 1, "/", steps_, "] ",
                                   step.name(), " (", step.model(), ")"));
  }

  void Text(const std::string& text) {
    pb::InvokeEvent event;
    event.set_text(text);
    answer_.Print(event);
  }

  void Finish(const pb::StepFinished& step) {
    answer_.End();
    if (step.has_response()) {
      if (!quiet_) PrintSummary(session_, step.response());
      return;
    }
    Say(Style::kRed,
        absl::StrCat("step ", step.name(), " failed: ", step.error().reason(),
                     ": ", step.error().message()));
  }

  void Totals(const pb::WorkflowFinished& all) {
    const pb::Cost& cost = all.cost();
    Say(Style::kBold,
        absl::StrCat(all.steps_succeeded(), " of ", steps_, " steps",
                     all.steps_failed() > 0
                         ? absl::StrCat(", ", all.steps_failed(), " failed")
                         : "",
                     " | ", Grouped(all.usage().total_tokens()), " tokens | ",
                     MoneyText(cost.total(), cost.currency()), " | saved ",
                     MoneyText(cost.saved(), cost.currency()), " | ",
                     Millis(all.latency_ms())));
  }

  void Say(Style tint, absl::string_view line) {
    const Console& console = session_.console;
    console.out.flush();
    console.err << OnErr(console, tint, OneLine(line)) << std::endl;
  }

  const Session& session_;
  AnswerPrinter answer_;
  const int steps_;
  const bool quiet_;
};

std::string JsonLine(const pb::WorkflowEvent& event) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string line;
  // Fails for an invalid Any or Timestamp only, which no event has.
  const auto status =
      google::protobuf::util::MessageToJsonString(event, &line, options);
  return status.ok() ? absl::StrCat(line, "\n") : "{}\n";
}

// Flags come last, so that they outweigh the file.
absl::StatusOr<pb::RunWorkflowRequest> Load(const WorkflowOptions& options) {
  const auto text = ReadSmallFile(options.file);
  if (!text.ok()) return text.status();
  auto workflow = WorkflowFromYaml(*text, options.file);
  if (!workflow.ok()) return workflow.status();
  if (!options.query.empty()) workflow->set_query(options.query);
  if (options.stop_on_error) workflow->set_stop_on_error(true);
  workflow->mutable_caller()->set_source("holysheepctl");
  return workflow;
}

}  // namespace

ExitCode RunWorkflow(const Session& session, const WorkflowOptions& options) {
  const auto workflow = Load(options);
  if (!workflow.ok()) return RefuseInput(session, workflow.status().message());
  if (!IsUtf8(workflow->query())) {
    return RefuseInput(session, "the query is not UTF-8");
  }
  WorkflowPrinter printer(session, workflow->steps_size(), options.quiet);
  bool failed = false;
  const absl::Status status =
      session.node.RunWorkflow(*workflow, [&](const pb::WorkflowEvent& event) {
        failed = failed || event.step_finished().has_error();
        if (options.json) {
          session.console.out << JsonLine(event) << std::flush;
        } else {
          printer.Print(event);
        }
        return session.console.out.good();
      });
  printer.End();
  if (!status.ok()) return Fail(session, status);
  return failed ? kExitFailed : kExitOk;
}

}  // namespace holysheep::cli
