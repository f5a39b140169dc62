#include "cli/commands/validate.h"

#include <ostream>
#include <string>

#include "cli/terminal/text.h"

namespace holysheep::cli {
namespace {

// A hop that a newer service may add is named vaguely rather than refused.
std::string HopName(pb::ValidateCredentialsResponse::FailedHop hop) {
  switch (hop) {
    case pb::ValidateCredentialsResponse::SERVICE:
      return "the service";
    case pb::ValidateCredentialsResponse::UPSTREAM:
      return "the upstream";
    case pb::ValidateCredentialsResponse::KEY:
      return "the key";
    default:
      return "something";
  }
}

}  // namespace

ExitCode RunValidate(const Session& session, bool json) {
  const auto answer = session.node.ValidateCredentials();
  if (!answer.ok()) return Fail(session, answer.status());
  const Console& console = session.console;
  if (json) {
    console.out << ToJson(*answer);
  } else if (answer->ok()) {
    console.out << OnOut(console, Style::kGreen, "ok") << ": "
                << (answer->message().empty()
                        ? "service, upstream and key work together"
                        : OneLine(answer->message()))
                << "\n";
  } else {
    console.out << OnOut(console, Style::kRed, "failed") << ": "
                << HopName(answer->failed_hop()) << ": "
                << OneLine(answer->message()) << "\n";
  }
  console.out.flush();
  return answer->ok() ? kExitOk : kExitFailed;
}

}  // namespace holysheep::cli
