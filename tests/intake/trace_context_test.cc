#include "intake/trace_context.h"

#include "gtest/gtest.h"

namespace holysheep {
namespace {

constexpr char kSpan[] = "1111111111111111ffffffffffffffff";

TEST(TraceContextTest, CarriesTheTraceOnWithASpanOfItsOwn) {
  EXPECT_EQ(
      ContinueTrace("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                    kSpan),
      "00-4bf92f3577b34da6a3ce929d0e0e4736-1111111111111111-01");
}

TEST(TraceContextTest, ReadsWhatItKnowsOfALaterVersion) {
  EXPECT_EQ(ContinueTrace(
                "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what",
                kSpan),
            "00-4bf92f3577b34da6a3ce929d0e0e4736-1111111111111111-01");
}

TEST(TraceContextTest, CarriesNothingOnThatIsNotValid) {
  for (const char* bad : {
           "",
           "00",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x",
           "00-4BF92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
           "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x",
           "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
           "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
           "00_4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7_01",
       }) {
    EXPECT_EQ(ContinueTrace(bad, kSpan), "") << bad;
  }
}

}  // namespace
}  // namespace holysheep
