#include "cli/commands/chat.h"

#include <istream>
#include <ostream>
#include <string>

#include "absl/strings/ascii.h"
#include "base/utf8.h"
#include "cli/commands/answer.h"

namespace holysheep::cli {
namespace {

constexpr char kHelp[] =
    "/reset starts over, /exit or Ctrl-D ends, Ctrl-C stops an answer.\n";

class Conversation {
 public:
  Conversation(const Session& session, const ChatOptions& options)
      : session_(session), options_(options) {
    Reset();
  }

  ExitCode Run() {
    const Console& console = session_.console;
    if (console.in_is_terminal) {
      console.err << OnErr(console, Style::kDim, kHelp);
    }
    std::string line;
    ExitCode code = kExitOk;
    while (ReadLine(line)) {
      if (line == "/exit" || line == "/quit") break;
      if (line == "/reset") {
        Reset();
      } else if (line == "/help") {
        console.err << kHelp;
      } else if (!line.empty()) {
        code = Turn(line);
      }
    }
    return code;
  }

 private:
  // Reads the next line without surrounding blanks. Returns false at the end,
  // and if no answer could be shown.
  bool ReadLine(std::string& line) {
    const Console& console = session_.console;
    if (!console.out) return false;
    if (console.in_is_terminal) {
      console.err << OnErr(console, Style::kBold, "> ") << std::flush;
    }
    if (std::getline(console.in, line)) {
      absl::StripAsciiWhitespace(&line);
      return true;
    }
    if (console.in_is_terminal) console.err << std::endl;
    return false;
  }

  void Reset() {
    request_ = MakeRequest(options_.request);
    // With `messages`, the system prompt has to be one of them.
    if (!request_.system_prompt().empty()) {
      Add(pb::Message::SYSTEM, request_.system_prompt());
      request_.clear_system_prompt();
    }
  }

  pb::Message& Add(pb::Message::Role role, const std::string& text) {
    pb::Message& message = *request_.add_messages();
    message.set_role(role);
    if (!text.empty()) message.add_parts()->set_text(text);
    return message;
  }

  ExitCode Turn(const std::string& line) {
    if (!IsUtf8(line)) return RefuseInput(session_, "the line is not UTF-8");
    Add(pb::Message::USER, line);
    AnswerPrinter printer(session_);
    const absl::Status status = session_.node.InvokeStream(
        request_, [&printer](const pb::InvokeEvent& event) {
          return printer.Print(event);
        });
    printer.End();
    if (!status.ok()) {
      request_.mutable_messages()->RemoveLast();
      return Fail(session_, status);
    }
    Remember(printer.response());
    if (!options_.quiet) PrintSummary(session_, printer.response());
    return kExitOk;
  }

  void Remember(const pb::InvokeResponse& answer) {
    const std::string& said =
        answer.result().empty() ? answer.refusal() : answer.result();
    // An empty answer would make the next request invalid.
    if (said.empty()) {
      request_.mutable_messages()->RemoveLast();
      return;
    }
    pb::Message& message = Add(pb::Message::ASSISTANT, said);
    message.set_reasoning(answer.reasoning());
    message.set_opaque_json(answer.opaque_json());
  }

  const Session& session_;
  const ChatOptions& options_;
  // The options, and the conversation so far.
  pb::InvokeRequest request_;
};

}  // namespace

ExitCode RunChat(const Session& session, const ChatOptions& options) {
  return Conversation(session, options).Run();
}

}  // namespace holysheep::cli
