#include "net/connection_shares.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

class ConnectionSharesTest : public ::testing::Test {
 protected:
  using Id = ConnectionShares::Id;

  static Peer At(int host) {
    return *ParsePeer(absl::StrCat("ipv4:192.0.2.", host, ":1"));
  }
  static Peer Local() { return *ParsePeer("ipv4:127.0.0.1:1"); }

  // Nothing if it is not admitted; the id of its connection otherwise.
  std::optional<Id> Connect(const Peer& peer) {
    verdict_ = shares_.Decide(now_, peer);
    if (!verdict_.admitted) return std::nullopt;
    return shares_.Add(now_, peer);
  }
  std::vector<Id> Connect(const Peer& peer, int times) {
    std::vector<Id> ids;
    for (int i = 0; i < times; ++i) {
      const std::optional<Id> id = Connect(peer);
      if (id.has_value()) ids.push_back(*id);
    }
    return ids;
  }
  std::vector<Id> ConnectProven(const Peer& peer, int times) {
    std::vector<Id> ids;
    for (int i = 0; i < times; ++i) {
      const std::optional<Id> id = Connect(peer);
      if (!id.has_value()) continue;
      shares_.Prove(*id);
      ids.push_back(*id);
    }
    return ids;
  }

  absl::Time now_ = absl::UnixEpoch();
  ConnectionShares::Verdict verdict_;
  ConnectionShares shares_{40};  // 10 for this machine.
};

TEST_F(ConnectionSharesTest, TheLastAreKeptForThisMachine) {
  EXPECT_EQ(Connect(At(1), 50).size(), 30u);
  EXPECT_EQ(Connect(Local(), 10).size(), 10u);
  EXPECT_FALSE(verdict_.leaves.has_value());
  EXPECT_EQ(shares_.size(), 40u);
}

TEST_F(ConnectionSharesTest, StrangersMakeRoomTheOldestOfTheNetworkWithMost) {
  Connect(At(2), 5);
  const std::vector<Id> most = Connect(At(1), 25);
  ASSERT_TRUE(Connect(At(3)).has_value());
  EXPECT_EQ(verdict_.leaves, most[0]);
  ASSERT_TRUE(Connect(At(3)).has_value());
  EXPECT_EQ(verdict_.leaves, most[1]);
  EXPECT_EQ(shares_.size(), 30u);
}

TEST_F(ConnectionSharesTest,
       TheirOwnNetworksNewcomersWaitUntilTheyHadTheirTime) {
  const std::vector<Id> most = Connect(At(1), 30);
  now_ += absl::Seconds(1.9);
  EXPECT_FALSE(Connect(At(1)).has_value());
  now_ += absl::Seconds(0.1);
  EXPECT_TRUE(Connect(At(1)).has_value());
  EXPECT_EQ(verdict_.leaves, most[0]);
}

TEST_F(ConnectionSharesTest, WhoHasAuthenticatedStaysWhileStrangersAreThere) {
  ConnectProven(At(1), 28);
  const std::vector<Id> strangers = Connect(At(2), 2);
  now_ += absl::Minutes(1);
  EXPECT_TRUE(Connect(At(3)).has_value());
  EXPECT_EQ(verdict_.leaves, strangers[0]);
}

TEST_F(ConnectionSharesTest,
       AmongTheAuthenticatedTheLargestShareLosesItsNewest) {
  ConnectProven(At(1), 10);
  const std::vector<Id> most = ConnectProven(At(2), 20);
  EXPECT_EQ(ConnectProven(At(3), 1).size(), 1u);
  EXPECT_EQ(verdict_.leaves, most.back());
  // Until all have about as many.
  ConnectProven(At(3), 100);
  ConnectProven(At(1), 100);
  ConnectProven(At(2), 100);
  now_ += absl::Minutes(1);
  EXPECT_FALSE(Connect(At(1)).has_value());
  EXPECT_EQ(shares_.size(), 30u);
}

TEST_F(ConnectionSharesTest, OnlyThisMachineTakesThePlaceOfItsOwn) {
  ConnectProven(Local(), 38);
  ConnectProven(At(1), 1);
  now_ += absl::Minutes(1);
  EXPECT_FALSE(Connect(At(2)).has_value());
  Connect(Local(), 2);
  now_ += absl::Minutes(1);
  EXPECT_TRUE(Connect(Local()).has_value());
}

TEST_F(ConnectionSharesTest, WhatHasGoneIsForgottenOnce) {
  const std::vector<Id> ids = Connect(At(1), 30);
  Connect(At(2));
  shares_.Remove(*verdict_.leaves);
  shares_.Prove(*verdict_.leaves);
  EXPECT_EQ(shares_.size(), 30u);
  shares_.Remove(ids[5]);
  EXPECT_EQ(shares_.size(), 29u);
}

}  // namespace
}  // namespace holysheep
