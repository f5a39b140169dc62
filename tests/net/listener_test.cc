#include "net/listener.h"

#include <memory>

#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "net/connection_table.h"
#include "net/dropped_connections.h"

namespace holysheep {
namespace {

TEST(ListenerTest, EndsHoweverSoonItsEndFollowsTheWordOfIt) {
  DroppedConnections dropped;
  ProvenPeers peers;
  for (int i = 0; i < 1000; ++i) {
    auto listener =
        Listen({"127.0.0.1:0"}, {}, dropped, peers, {[](const auto&) {}});
    ASSERT_TRUE(listener.ok()) << listener.status();
    (*listener)->EndAfter(absl::ZeroDuration());
    listener->reset();
  }
}

}  // namespace
}  // namespace holysheep
