#include "cli/client/interrupt.h"

#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

TEST(InterruptTest, CancelsWhatIsGuarded) {
  Interrupt interrupt;
  int cancelled = 0;
  const Interrupt::Guard guard(interrupt, [&cancelled] { ++cancelled; });
  EXPECT_FALSE(interrupt.fired());
  EXPECT_TRUE(interrupt.Trigger());
  EXPECT_TRUE(interrupt.fired());
  EXPECT_EQ(cancelled, 1);
}

TEST(InterruptTest, ASecondOneIsNotForTheCallAnyMore) {
  Interrupt interrupt;
  int cancelled = 0;
  const Interrupt::Guard guard(interrupt, [&cancelled] { ++cancelled; });
  EXPECT_TRUE(interrupt.Trigger());
  EXPECT_FALSE(interrupt.Trigger());
  EXPECT_EQ(cancelled, 1);
}

TEST(InterruptTest, NothingToCancelIsSaidSo) {
  Interrupt interrupt;
  EXPECT_FALSE(interrupt.Trigger());
  {
    const Interrupt::Guard guard(interrupt, [] {});
  }
  EXPECT_FALSE(interrupt.Trigger());
  EXPECT_FALSE(interrupt.fired());
}

TEST(InterruptTest, ANewCallStartsAfresh) {
  Interrupt interrupt;
  {
    const Interrupt::Guard guard(interrupt, [] {});
    interrupt.Trigger();
  }
  EXPECT_TRUE(interrupt.fired());
  const Interrupt::Guard guard(interrupt, [] {});
  EXPECT_FALSE(interrupt.fired());
}

}  // namespace
}  // namespace holysheep::cli
