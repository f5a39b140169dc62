#include "config/substitute.h"

#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace holysheep::config {
namespace {

// ONE is `1`, EMPTY is empty, TRICK looks like a variable; there are no others.
std::optional<std::string> LookUp(absl::string_view name) {
  if (name == "ONE") return "1";
  if (name == "EMPTY") return "";
  if (name == "TRICK_2") return "${ONE}$$";
  return std::nullopt;
}

std::string Put(absl::string_view text) {
  const absl::StatusOr<std::string> result = Substitute(text, LookUp);
  return result.ok() ? *result : std::string(result.status().message());
}

TEST(SubstituteTest, PutsVariablesInTheirPlaces) {
  EXPECT_EQ(Put("plain"), "plain");
  EXPECT_EQ(Put("${ONE}"), "1");
  EXPECT_EQ(Put("a${ONE}b${EMPTY}c${ONE}"), "a1bc1");
}

TEST(SubstituteTest, DoesNotLookIntoTheValues) {
  EXPECT_EQ(Put("${TRICK_2}"), "${ONE}$$");
}

TEST(SubstituteTest, KeepsOtherDollars) {
  EXPECT_EQ(Put("$"), "$");
  EXPECT_EQ(Put("$ONE 5$"), "$ONE 5$");
  EXPECT_EQ(Put("$${ONE}"), "${ONE}");
  EXPECT_EQ(Put("$$$$"), "$$");
  EXPECT_EQ(Put("$$${ONE}"), "$1");
}

TEST(SubstituteTest, NamesTheVariableThatIsNotSet) {
  EXPECT_EQ(Put("a ${NO_SUCH}"), "the environment variable NO_SUCH is not set");
}

TEST(SubstituteTest, RefusesWhatIsNoVariable) {
  const std::string reason =
      "${ must be followed by the name of an environment variable and }; "
      "write $${ for the characters";
  EXPECT_EQ(Put("${ONE"), reason);
  EXPECT_EQ(Put("${}"), reason);
  EXPECT_EQ(Put("${1A}"), reason);
  EXPECT_EQ(Put("${ONE:-2}"), reason);
}

TEST(SubstituteTest, BoundsWhatComesOut) {
  const auto large = [](absl::string_view) { return std::string(40000, 'x'); };
  EXPECT_TRUE(Substitute("${A}", large).ok());
  EXPECT_FALSE(Substitute("${A}${A}", large).ok());
}

}  // namespace
}  // namespace holysheep::config
