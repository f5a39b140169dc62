#include "base/api_key.h"

#include <string>
#include <vector>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

TEST(ApiKeyTest, AcceptsTwentyPrintableCharacters) {
  EXPECT_TRUE(CheckApiKey("sk-12345678901234567").ok());
  EXPECT_TRUE(CheckApiKey("sk-1234 5678:9012/345=67").ok());
}

TEST(ApiKeyTest, SaysWhatIsWrongAndNeverShowsTheKey) {
  struct Case {
    std::string key;
    std::string reason;
  };
  const std::string good = "sk-12345678901234567";
  const std::vector<Case> cases = {
      {"", "the key is empty"},
      {good.substr(1), "the key is shorter than 20 characters"},
      {" " + good, "the key has a blank or a line end at its start or end"},
      {good + "\t", "the key has a blank or a line end at its start or end"},
      {good + "\r\n", "the key has a blank or a line end at its start or end"},
      {"\"" + good + "\"",
       "the key has a quote at its start or end: give it without quotes"},
      {"'" + good,
       "the key has a quote at its start or end: give it without quotes"},
      {"Bearer " + good,
       "the key begins with `Bearer `, which the service adds itself: give it "
       "without that"},
      {"bearer " + good,
       "the key begins with `Bearer `, which the service adds itself: give it "
       "without that"},
      {good + "\n" + good, "the key has a control character in it"},
      {good + '\0' + good, "the key has a control character in it"},
      {good + "\x7f", "the key has a control character in it"},
      {good + "\xc3\xa4", "the key has a character in it that is not ASCII"},
  };
  for (const Case& c : cases) {
    const absl::Status status = CheckApiKey(c.key);
    EXPECT_EQ(ReasonOf(status), Reason::kInvalidArgument) << c.reason;
    EXPECT_EQ(status.message(), c.reason);
  }
}

}  // namespace
}  // namespace holysheep
