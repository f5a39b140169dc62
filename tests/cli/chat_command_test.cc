#include "cli/commands/chat_command.h"

#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

TEST(ChatCommandTest, TheCommandsAreKnown) {
  EXPECT_EQ(ChatCommandOf("/help"), ChatCommand::kHelp);
  EXPECT_EQ(ChatCommandOf("/reset"), ChatCommand::kReset);
  EXPECT_EQ(ChatCommandOf("/exit"), ChatCommand::kExit);
  EXPECT_EQ(ChatCommandOf("/quit"), ChatCommand::kExit);
}

TEST(ChatCommandTest, AnyOtherWordAfterASlashIsMistyped) {
  for (const char* text : {"/rset", "/EXIT", "/exit now", "/help me", "/x"}) {
    EXPECT_EQ(ChatCommandOf(text), ChatCommand::kMistyped) << text;
  }
}

TEST(ChatCommandTest, EverythingElseIsAMessage) {
  for (const char* text :
       {"", "/", "//", "help", "/etc/passwd is what?", "/ exit", "1/2 is what?",
        "/* a comment */", "/reset\nis what I typed", "/tmp\nis full"}) {
    EXPECT_EQ(ChatCommandOf(text), ChatCommand::kNone) << text;
  }
}

}  // namespace
}  // namespace holysheep::cli
