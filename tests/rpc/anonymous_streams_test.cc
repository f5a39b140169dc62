#include "rpc/anonymous_streams.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

class StrangerStreamsTest : public testing::Test {
 protected:
  // Whether there was a place, which is then kept.
  bool Take(const std::string& connection) {
    auto place = streams_->Take(connection);
    if (!place.ok()) {
      EXPECT_EQ(ReasonName(ReasonOf(place.status())), "QUEUE_FULL");
      EXPECT_EQ(CodeOf(ReasonOf(place.status())),
                absl::StatusCode::kResourceExhausted);
      return false;
    }
    places_.push_back(*std::move(place));
    return true;
  }

  const std::shared_ptr<StrangerStreams> streams_ =
      std::make_shared<StrangerStreams>();
  std::vector<std::unique_ptr<const StrangerStreams::Place>> places_;
};

TEST_F(StrangerStreamsTest, AConnectionHasSixteen) {
  for (int i = 0; i < 16; ++i) EXPECT_TRUE(Take("ipv4:127.0.0.1:1"));
  EXPECT_FALSE(Take("ipv4:127.0.0.1:1"));
  EXPECT_TRUE(Take("ipv4:127.0.0.1:2"));
  places_.erase(places_.begin());
  EXPECT_TRUE(Take("ipv4:127.0.0.1:1"));
  EXPECT_FALSE(Take("ipv4:127.0.0.1:1"));
}

TEST_F(StrangerStreamsTest, AllTogetherHave1024) {
  for (int i = 0; i < 1024; ++i) {
    EXPECT_TRUE(Take(absl::StrCat("ipv6:%5B::1%5D:", i)));
  }
  EXPECT_FALSE(Take("ipv4:127.0.0.1:1"));
  places_.pop_back();
  EXPECT_TRUE(Take("ipv4:127.0.0.1:1"));
  EXPECT_FALSE(Take("ipv4:127.0.0.1:2"));
}

TEST_F(StrangerStreamsTest, WhatIsRefusedTakesNoPlace) {
  for (int i = 0; i < 3000; ++i) Take("ipv4:127.0.0.1:1");
  EXPECT_EQ(places_.size(), 16u);
  places_.clear();
  for (int i = 0; i < 1024; ++i) {
    EXPECT_TRUE(Take(absl::StrCat("ipv4:127.0.0.1:", i)));
  }
}

TEST_F(StrangerStreamsTest, ClientsOfAUnixSocketCountTogether) {
  for (int i = 0; i < 1024; ++i) EXPECT_TRUE(Take("unix:"));
  EXPECT_FALSE(Take("unix:"));
}

}  // namespace
}  // namespace holysheep
