#include "cli/commands/chat.h"

#include <istream>
#include <memory>
#include <ostream>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "base/utf8.h"
#include "cli/commands/answer.h"
#include "cli/commands/chat_command.h"

namespace holysheep::cli {
namespace {

constexpr char kHelp[] =
    "/reset starts over, /exit or Ctrl-D ends, Ctrl-C stops an answer.\n";

// Invariant: between two turns `request_` ends with an answer, or with the
// system prompt; a turn that fails takes its question back.
class Conversation {
 public:
  Conversation(const Session& session, const ChatOptions& options)
      : session_(session), options_(options) {
    if (session.console.edit_lines) editor_ = session.console.edit_lines();
    Reset();
  }

  ExitCode Run() {
    const Console& console = session_.console;
    if (console.in_is_terminal) {
      console.err << OnErr(console, Style::kDim, kHelp);
    }
    std::string text;
    ExitCode code = kExitOk;
    while (true) {
      const ReadEnd end = Read(text);
      if (end == ReadEnd::kStopped) return kExitInterrupted;
      if (end == ReadEnd::kEnd) return code;
      switch (CommandOf(text)) {
        case ChatCommand::kExit:
          return code;
        case ChatCommand::kReset:
          Reset();
          break;
        case ChatCommand::kHelp:
          console.err << kHelp;
          break;
        case ChatCommand::kMistyped:
          RefuseInput(session_, absl::StrCat("there is no such command; "
                                             "the commands are ",
                                             kChatCommands));
          break;
        case ChatCommand::kNone:
          if (!text.empty()) code = Turn(text);
      }
    }
  }

 private:
  // A program that writes messages may begin one with a slash; a person who
  // edits one meant a command.
  ChatCommand CommandOf(const std::string& text) const {
    const ChatCommand command = ChatCommandOf(text);
    const bool is_meant =
        command != ChatCommand::kMistyped || editor_ != nullptr;
    return is_meant ? command : ChatCommand::kNone;
  }

  // Reads the next text without surrounding blanks. Returns kEnd also if no
  // answer could be shown.
  ReadEnd Read(std::string& text) {
    const Console& console = session_.console;
    if (!console.out) return ReadEnd::kEnd;
    if (editor_ == nullptr) return ReadLine(text);
    const Interrupt::Guard guard(session_.interrupt,
                                 [this] { editor_->Stop(); });
    const ReadEnd end = editor_->Read(text);
    if (end != ReadEnd::kText) console.err << std::endl;
    return end;
  }

  ReadEnd ReadLine(std::string& line) {
    const Console& console = session_.console;
    if (console.in_is_terminal) {
      console.err << OnErr(console, Style::kBold, "> ") << std::flush;
    }
    if (std::getline(console.in, line)) {
      absl::StripAsciiWhitespace(&line);
      return ReadEnd::kText;
    }
    if (console.in_is_terminal) console.err << std::endl;
    return ReadEnd::kEnd;
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
  std::unique_ptr<LineEditor> editor_;
  // The options, and the conversation so far.
  pb::InvokeRequest request_;
};

}  // namespace

ExitCode RunChat(const Session& session, const ChatOptions& options) {
  return Conversation(session, options).Run();
}

}  // namespace holysheep::cli
