#include "cli/commands/token.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/sha256.h"
#include "cli/program_run.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

// What `token new` prints.
struct Made {
  std::string token;
  std::string entry;
};

Made Make(std::vector<std::string> args) {
  args.insert(args.begin(), {"token", "new"});
  ProgramRun run;
  EXPECT_EQ(run(args), kExitOk) << run.err;
  const std::vector<std::string> lines = absl::StrSplit(run.out, '\n');
  EXPECT_EQ(lines.size(), 3) << run.out;
  return {lines[0], lines[1]};
}

std::string HexSha256(const std::string& token) {
  return absl::BytesToHexString(Sha256(token));
}

TEST(TokenTest, HasAToken256BitsLongAndItsLineForTheConfiguration) {
  const Made made = Make({"dify"});
  EXPECT_THAT(made.token, MatchesRegex("hst_[A-Za-z0-9_-]{43}"));
  EXPECT_EQ(made.entry,
            absl::StrCat("- {name: \"dify\", sha256: \"", HexSha256(made.token),
                         "\", roles: [invoke]}"));
}

TEST(TokenTest, OneThatCannotBeShownIsNotSaidToBeMade) {
  ProgramRun run;
  run.out_buffer.is_full = true;
  EXPECT_EQ(run({"token", "new", "dify"}), kExitFailed);
  EXPECT_EQ(run.err, "error: standard output could not be written\n");
}

TEST(TokenTest, IsAnotherOneEveryTime) {
  EXPECT_NE(Make({"a"}).token, Make({"a"}).token);
}

TEST(TokenTest, TakesRolesScopeAndLimits) {
  const Made made =
      Make({"ops", "--role", "invoke", "--role", "admin", "--scope", "team",
            "--requests-per-minute", "5", "--tokens-per-minute", "1000000"});
  EXPECT_THAT(made.entry,
              HasSubstr("roles: [invoke, admin], scope: \"team\", "
                        "requests_per_minute: 5, tokens_per_minute: 1000000}"));
}

TEST(TokenTest, TheNameMayHaveWhatYamlAndTheServiceTakeForMore) {
  EXPECT_THAT(Make({"a \"b\" \\ #{c}: $d"}).entry,
              HasSubstr("name: \"a \\\"b\\\" \\\\ #{c}: $$d\", "));
}

TEST(TokenTest, ANameThatTheServiceRefusesIsRefused) {
  for (const std::string& name :
       {std::string(), std::string(" a"), std::string("a\nb"),
        std::string("\xff"), std::string(257, 'a')}) {
    ProgramRun run;
    EXPECT_EQ(run({"token", "new", name}), kExitUsage) << name;
    EXPECT_EQ(run.out, "");
    EXPECT_THAT(run.err, HasSubstr("NAME"));
  }
}

TEST(TokenTest, NeedsNoSettings) {
  ProgramRun run;
  run.environment["HOLYSHEEP_TIMEOUT"] = "nonsense";
  EXPECT_EQ(run({"token", "new", "a"}), kExitOk) << run.err;
}

}  // namespace
}  // namespace holysheep::cli
