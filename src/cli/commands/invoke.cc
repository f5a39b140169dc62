#include "cli/commands/invoke.h"

#include <ostream>
#include <string>

#include "cli/commands/answer.h"

namespace holysheep::cli {
namespace {

// A whole response cannot be streamed as one JSON object.
ExitCode PrintJson(const Session& session, const pb::InvokeRequest& request) {
  const auto response = session.node.Invoke(request);
  if (!response.ok()) return Fail(session, response.status());
  session.console.out << ToJson(*response) << std::flush;
  return kExitOk;
}

// Makes an event of the text of a unary answer, as a stream would have it.
absl::Status AskAtOnce(const Session& session, const pb::InvokeRequest& request,
                       AnswerPrinter& printer) {
  auto response = session.node.Invoke(request);
  if (!response.ok()) return response.status();
  pb::InvokeEvent event;
  event.set_text(response->result());
  printer.Print(event);
  event.set_refusal(response->refusal());
  printer.Print(event);
  *event.mutable_final() = *std::move(response);
  printer.Print(event);
  return absl::OkStatus();
}

absl::Status Ask(const Session& session, const pb::InvokeRequest& request,
                 AnswerPrinter& printer) {
  return session.node.InvokeStream(request,
                                   [&printer](const pb::InvokeEvent& event) {
                                     return printer.Print(event);
                                   });
}

}  // namespace

ExitCode RunInvoke(const Session& session, const InvokeOptions& options) {
  absl::StatusOr<std::string> question =
      ReadQuestion(options.words, session.console);
  if (!question.ok()) return RefuseInput(session, question.status().message());
  pb::InvokeRequest request = MakeRequest(options.request);
  request.set_query(*std::move(question));
  if (options.json) return PrintJson(session, request);

  AnswerPrinter printer(session);
  const absl::Status status = options.at_once
                                  ? AskAtOnce(session, request, printer)
                                  : Ask(session, request, printer);
  printer.End();
  if (!status.ok()) return Fail(session, status);
  if (!options.quiet) PrintSummary(session, printer.response());
  return kExitOk;
}

}  // namespace holysheep::cli
