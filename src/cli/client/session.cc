#include "cli/client/session.h"

#include <ostream>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/client/call_error.h"
#include "cli/terminal/text.h"
#include "google/protobuf/util/json_util.h"

namespace holysheep::cli {
namespace {

// One line, whatever the text holds: it may come from a service.
void Say(const Session& session, Style tint, absl::string_view label,
         absl::string_view text) {
  session.console.out.flush();
  session.console.err << OnErr(session.console, tint, label) << OneLine(text)
                      << std::endl;
}

}  // namespace

ExitCode Fail(const Session& session, const absl::Status& status) {
  // The call was ended because its output cannot be written, which RunProgram
  // reports.
  if (absl::IsCancelled(status) && !session.console.out) return kExitFailed;
  if (absl::IsCancelled(status) && session.interrupt.fired()) {
    Say(session, Style::kYellow, "interrupted", "");
    return kExitInterrupted;
  }
  Say(session, Style::kRed,
      "error: ", ErrorLine(status, session.settings.address));
  return ExitCodeFor(status);
}

ExitCode RefuseInput(const Session& session, absl::string_view problem) {
  Say(session, Style::kRed, "error: ", problem);
  return kExitUsage;
}

void Warn(const Session& session, absl::string_view warning) {
  Say(session, Style::kYellow, "warning: ", warning);
}

void Note(const Session& session, absl::string_view note) {
  Say(session, Style::kDim, "note: ", note);
}

std::string ToJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string json;
  // Fails for an invalid Any or Timestamp only, which no message here has.
  const auto status =
      google::protobuf::util::MessageToJsonString(message, &json, options);
  return status.ok() ? json : absl::StrCat("\"", status.ToString(), "\"\n");
}

}  // namespace holysheep::cli
