#include "cli/commands/chat.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/events.h"
#include "cli/fake_node.h"
#include "cli/program_run.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ChatTest : public ::testing::Test {
 protected:
  ChatTest() {
    node_.invoke_stream = [this](const FakeNode::Send& send) {
      ++turns_;
      if (turns_ == failing_turn_) {
        return ServiceError(grpc::StatusCode::UNAVAILABLE, "CIRCUIT_OPEN");
      }
      const std::string text = "answer " + std::to_string(turns_);
      send(Text(text));
      send(Final(Answer(text)));
      return grpc::Status::OK;
    };
  }

  // The last request, a line a message.
  std::vector<std::string> Said() const {
    std::vector<std::string> said;
    const pb::InvokeRequest request = node_.request();
    for (const pb::Message& message : request.messages()) {
      said.push_back(pb::Message::Role_Name(message.role()) + " " +
                     message.parts(0).text());
    }
    return said;
  }

  int turns_ = 0;
  int failing_turn_ = 0;
  FakeNode node_;
  ProgramRun run_{node_.address()};
};

TEST_F(ChatTest, EveryTurnSeesTheConversationSoFar) {
  run_.input = "one\n\n  two  \n";
  EXPECT_EQ(run_({"chat", "--system", "Be brief", "--quiet"}), kExitOk);
  EXPECT_EQ(run_.out, "answer 1\nanswer 2\n");
  EXPECT_THAT(Said(), ElementsAre("SYSTEM Be brief", "USER one",
                                  "ASSISTANT answer 1", "USER two"));
  EXPECT_EQ(node_.request().system_prompt(), "");
}

TEST_F(ChatTest, ResetForgetsAllButTheInstructions) {
  run_.input = "one\n/reset\ntwo\n";
  EXPECT_EQ(run_({"chat", "--system", "Be brief"}), kExitOk);
  EXPECT_THAT(Said(), ElementsAre("SYSTEM Be brief", "USER two"));
}

TEST_F(ChatTest, ExitEndsIt) {
  run_.input = "one\n/exit\ntwo\n";
  EXPECT_EQ(run_({"chat"}), kExitOk);
  EXPECT_EQ(turns_, 1);
}

TEST_F(ChatTest, AFailedTurnIsTakenBackAndTheTalkGoesOn) {
  failing_turn_ = 2;
  run_.input = "one\ntwo\nthree\n";
  EXPECT_EQ(run_({"chat"}), kExitOk);
  EXPECT_THAT(run_.err, HasSubstr("CIRCUIT_OPEN"));
  EXPECT_THAT(Said(),
              ElementsAre("USER one", "ASSISTANT answer 1", "USER three"));
}

TEST_F(ChatTest, ScriptsSeeThatTheLastTurnFailed) {
  failing_turn_ = 1;
  run_.input = "one\n";
  EXPECT_EQ(run_({"chat"}), kExitFailed);
}

TEST_F(ChatTest, ScriptsSeeItAlsoIfTheyEndTheTalkThemselves) {
  for (const char* end : {"/exit", "/quit"}) {
    failing_turn_ = turns_ + 1;
    run_.input = std::string("one\n") + end + "\ntwo\n";
    EXPECT_EQ(run_({"chat"}), kExitFailed) << end;
  }
}

// Gives texts as if a person had edited them.
class FakeEditor final : public LineEditor {
 public:
  explicit FakeEditor(std::vector<std::string> texts)
      : texts_(std::move(texts)) {}

  ReadEnd Read(std::string& text) override {
    if (is_stopped_) return ReadEnd::kStopped;
    if (next_ == texts_.size()) return ReadEnd::kEnd;
    text = texts_[next_++];
    return ReadEnd::kText;
  }
  void Stop() override { is_stopped_ = true; }

 private:
  const std::vector<std::string> texts_;
  size_t next_ = 0;
  bool is_stopped_ = false;
};

std::function<std::unique_ptr<LineEditor>()> Editing(
    std::vector<std::string> texts) {
  return [texts] { return std::make_unique<FakeEditor>(texts); };
}

TEST_F(ChatTest, AMistypedCommandIsNotSentWhereLinesAreEdited) {
  run_.edit_lines = Editing({"/rset", "/help", "one"});
  EXPECT_EQ(run_({"chat"}), kExitOk);
  EXPECT_THAT(Said(), ElementsAre("USER one"));
  EXPECT_THAT(run_.err, HasSubstr("/help, /reset, /exit and /quit"));
  EXPECT_EQ(turns_, 1);
}

TEST_F(ChatTest, ElsewhereALineMayBeginWithASlash) {
  run_.input = "/rset\n";
  EXPECT_EQ(run_({"chat"}), kExitOk);
  EXPECT_THAT(Said(), ElementsAre("USER /rset"));
}

TEST_F(ChatTest, AnEditedTextOfSeveralLinesIsOneMessage) {
  run_.edit_lines = Editing({"one\ntwo"});
  EXPECT_EQ(run_({"chat"}), kExitOk);
  EXPECT_THAT(Said(), ElementsAre("USER one\ntwo"));
}

TEST_F(ChatTest, AnInterruptEndsTheEditing) {
  class Interrupted final : public LineEditor {
   public:
    explicit Interrupted(Interrupt& interrupt) : interrupt_(interrupt) {}
    ReadEnd Read(std::string&) override {
      EXPECT_TRUE(interrupt_.Trigger());
      return is_stopped_ ? ReadEnd::kStopped : ReadEnd::kEnd;
    }
    void Stop() override { is_stopped_ = true; }

   private:
    Interrupt& interrupt_;
    bool is_stopped_ = false;
  };
  run_.edit_lines = [this] {
    return std::make_unique<Interrupted>(run_.interrupt);
  };
  EXPECT_EQ(run_({"chat"}), kExitInterrupted);
}

TEST_F(ChatTest, APersonIsPrompted) {
  run_.in_is_terminal = true;
  run_.input = "one\n";
  run_({"chat", "-q"});
  EXPECT_THAT(run_.err, HasSubstr("/exit"));
  EXPECT_THAT(run_.err, HasSubstr("> > \n"));
}

}  // namespace
}  // namespace holysheep::cli
