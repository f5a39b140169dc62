#include "cli/args/command_line.h"

#include <string>
#include <variant>
#include <vector>

#include "cli/args/completion.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

using ::testing::HasSubstr;

const std::vector<std::string> kCommands = {
    "invoke",   "chat",   "models", "cost",  "bench", "batch", "workflow",
    "validate", "health", "stats",  "usage", "purge", "token", "completion"};

Notice NoticeOf(const std::vector<std::string>& args) {
  const auto parsed = ParseCommandLine(args);
  const auto* notice = std::get_if<Notice>(&parsed);
  return notice == nullptr ? Notice{kExitFailed, "a command", ""} : *notice;
}

TEST(CommandLineTest, EveryCommandHasAHelpThatNamesTheExitCodes) {
  const Notice all = NoticeOf({"--help"});
  for (const std::string& command : kCommands) {
    EXPECT_THAT(all.out, HasSubstr("\n  " + command + " "));
    const Notice notice = NoticeOf({command, "--help"});
    EXPECT_EQ(notice.code, kExitOk) << command;
    EXPECT_THAT(notice.out, HasSubstr("holysheepctl " + command));
    EXPECT_THAT(notice.out, HasSubstr("3 cannot reach the service"));
    EXPECT_EQ(notice.err, "");
  }
}

TEST(CommandLineTest, TheVersionIsThatOfTheProject) {
  const Notice notice = NoticeOf({"--version"});
  EXPECT_EQ(notice.code, kExitOk);
  EXPECT_THAT(notice.out, ::testing::MatchesRegex("holysheepctl [0-9.]+\n"));
}

TEST(CommandLineTest, WrongUsageIsToldOnStandardError) {
  const std::vector<std::string> wrong[] = {
      {},
      {"fly"},
      {"--fly"},
      {"models", "--fly"},
      {"models", "invoke"},
      {"invoke", "hi", "--cache", "sometimes"},
      {"invoke", "hi", "--max-tokens", "many"},
      {"bench", "--unique", "--repeat", "0.5"},
      {"bench", "-c", "0"},
      {"batch", "in"},
      {"batch", "in", "out", "--format", "xml"},
      {"batch", "in", "out", "--on-bad-line", "guess"},
      {"workflow"},
      {"purge"},
      {"purge", "--all", "--model", "gpt-4.1"},
      {"health", "--wait", "-1"},
      {"token"},
      {"token", "new"},
      {"token", "new", "a", "--role", "king"},
      {"token", "new", "a", "--requests-per-minute", "0"},
      {"completion", "tcsh"},
      {"completion"},
  };
  for (const auto& args : wrong) {
    const Notice notice = NoticeOf(args);
    EXPECT_EQ(notice.code, kExitUsage) << ::testing::PrintToString(args);
    EXPECT_EQ(notice.out, "");
    EXPECT_NE(notice.err, "");
  }
}

TEST(CommandLineTest, AnUnknownCommandIsNamed) {
  EXPECT_THAT(NoticeOf({"fly"}).err, HasSubstr("`fly`"));
}

TEST(CommandLineTest, ConnectionFlagsMayStandOnEitherSideOfTheCommand) {
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"--address", "a:1", "--no-tls", "models"},
        std::vector<std::string>{"models", "--address", "a:1", "--no-tls"}}) {
    const auto parsed = ParseCommandLine(args);
    const auto* command = std::get_if<Command>(&parsed);
    ASSERT_NE(command, nullptr);
    EXPECT_EQ(command->flags,
              (RawSettings{{"address", "a:1"}, {"tls", "false"}}));
  }
}

TEST(CommandLineTest, AnUnexpectedWordInBracketsIsToldAsItIs) {
  EXPECT_EQ(NoticeOf({"[1,2]"}).err,
            "there is no `[1,2]`; see holysheepctl --help\n");
  const std::string told = NoticeOf({"models", "[1,2]"}).err;
  EXPECT_THAT(told, HasSubstr(" [1,2]\n"));
}

TEST(CommandLineTest, NoFlagTakesTheUpstreamKeyItself) {
  EXPECT_EQ(NoticeOf({"models", "--upstream-key", "x"}).code, kExitUsage);
}

TEST(CommandLineTest, CompletionsKnowEveryCommandAndItsFlags) {
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const Notice notice = NoticeOf({"completion", shell});
    EXPECT_EQ(notice.code, kExitOk);
    for (const std::string& command : kCommands) {
      EXPECT_THAT(notice.out, HasSubstr(command)) << shell;
    }
    EXPECT_THAT(notice.out, HasSubstr("max-tokens")) << shell;
    EXPECT_THAT(notice.out, HasSubstr("new")) << shell;
    EXPECT_THAT(notice.out, HasSubstr("scope")) << shell;
  }
}

TEST(CommandLineTest, CompletionsKnowTheValuesThatThereAre) {
  for (const std::string shell : {"bash", "zsh", "fish"}) {
    const Notice notice = NoticeOf({"completion", shell});
    EXPECT_THAT(notice.out, HasSubstr("jsonl csv lines")) << shell;
    EXPECT_THAT(notice.out, HasSubstr("bash zsh fish")) << shell;
  }
}

TEST(CompletionTest, AMeaningWithAQuoteStaysAString) {
  const CompletionTree tree{{{{"ask", "don't"}, {}}}, {}};
  EXPECT_THAT(*CompletionScript("fish", tree), HasSubstr("-d 'don'\\''t'"));
}

TEST(CompletionTest, AnUnknownShellIsRefused) {
  EXPECT_FALSE(CompletionScript("tcsh", {}).ok());
}

}  // namespace
}  // namespace holysheep::cli
