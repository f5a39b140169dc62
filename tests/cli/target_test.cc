#include "cli/client/target.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

using ::testing::HasSubstr;

TEST(TargetTest, OneAddressIsOneInstance) {
  for (const char* address :
       {"127.0.0.1:50051", "[::1]:50051", "node.example:443", "unix:/run/x"}) {
    const auto target = ParseTarget(address);
    ASSERT_TRUE(target.ok()) << target.status();
    EXPECT_EQ(target->uri, address);
    EXPECT_FALSE(target->several);
  }
}

TEST(TargetTest, ANameMayStandForSeveral) {
  const auto target = ParseTarget("dns:///holysheep-node:50051");
  ASSERT_TRUE(target.ok()) << target.status();
  EXPECT_EQ(target->uri, "dns:///holysheep-node:50051");
  EXPECT_TRUE(target->several);
}

TEST(TargetTest, AListOfAddressesIsSeveral) {
  const auto v4 = ParseTarget("10.0.0.1:50051,10.0.0.2:50052");
  ASSERT_TRUE(v4.ok()) << v4.status();
  EXPECT_EQ(v4->uri, "ipv4:10.0.0.1:50051,10.0.0.2:50052");
  EXPECT_TRUE(v4->several);
  const auto v6 = ParseTarget("[::1]:1,[fd00::2]:2");
  ASSERT_TRUE(v6.ok()) << v6.status();
  EXPECT_EQ(v6->uri, "ipv6:[::1]:1,[fd00::2]:2");
  EXPECT_TRUE(v6->several);
}

TEST(TargetTest, LoopbackAndUnixSocketsStayOnThisMachine) {
  for (const char* address :
       {"127.0.0.1:50051", "127.1.2.3:1", "[::1]:50051", "localhost:1",
        "unix:/run/x", "dns:///localhost:1", "127.0.0.1:1,127.0.0.2:1"}) {
    EXPECT_TRUE(StaysOnThisMachine(address)) << address;
  }
  for (const char* address :
       {"10.0.0.1:50051", "127.example:1", "[fd00::1]:1", "node:50051",
        "dns:///node:1", "127.0.0.1:1,10.0.0.1:1", ""}) {
    EXPECT_FALSE(StaysOnThisMachine(address)) << address;
  }
}

TEST(TargetTest, AListThatGrpcCannotTakeIsRefusedWithAnotherWay) {
  for (const char* address :
       {"one:1,two:1", "10.0.0.1:1,node:1", "10.0.0.1:1,[::1]:1", "10.0.0.1:1,",
        ",", "10.0.0.1:1, 10.0.0.2:1", "10.0.0.1:1,10.0.0.2",
        "10.0.0.1:1,10.0.0.2:0", "10.0.0.1:1,10.0.0.2:65536", "::1:1,::2:1"}) {
    const auto target = ParseTarget(address);
    EXPECT_EQ(target.status().code(), absl::StatusCode::kInvalidArgument)
        << address;
    EXPECT_THAT(std::string(target.status().message()),
                HasSubstr("dns:///NAME:PORT"));
  }
}

}  // namespace
}  // namespace holysheep::cli
