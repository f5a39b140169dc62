#include "net/peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gtest/gtest.h"

namespace holysheep {
namespace {

TEST(PeerTest, GrpcsSpellingsAreRead) {
  EXPECT_EQ(ParsePeer("ipv4:192.0.2.1:4711")->port, 4711);
  EXPECT_FALSE(ParsePeer("ipv4:192.0.2.1:4711")->local);
  EXPECT_TRUE(ParsePeer("ipv4:127.0.0.1:1")->local);
  EXPECT_TRUE(ParsePeer("ipv6:%5B::1%5D:1")->local);
  EXPECT_EQ(ParsePeer("ipv6:[2001:db8::1]:80"),
            ParsePeer("ipv6:%5B2001:db8::1%5D:80"));
  EXPECT_EQ(ParsePeer("ipv6:%5Bfe80::1%25eth0%5D:80"),
            ParsePeer("ipv6:[fe80::1]:80"));
  EXPECT_EQ(ParsePeer("ipv6:%5B::ffff:192.0.2.1%5D:4711"),
            ParsePeer("ipv4:192.0.2.1:4711"));
  for (const char* other : {"", "unix:", "unix:/run/a.sock", "ipv4:1.2.3:1",
                            "ipv4:1.2.3.4:0", "ipv4:1.2.3.4:65536"}) {
    EXPECT_EQ(ParsePeer(other), std::nullopt) << other;
  }
}

TEST(PeerTest, ASocketsPeerIsTheOneThatGrpcTells) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(bind(listener, generic, size), 0);
  ASSERT_EQ(listen(listener, 1), 0);
  ASSERT_EQ(getsockname(listener, generic, &size), 0);
  const int client = socket(AF_INET, SOCK_STREAM, 0);
  ASSERT_EQ(connect(client, generic, size), 0);
  const Peer peer = PeerOf(client);
  EXPECT_EQ(peer, ParsePeer("ipv4:127.0.0.1:" +
                            std::to_string(ntohs(address.sin_port))));
  EXPECT_TRUE(peer.local);
  close(client);
  close(listener);
}

TEST(PeerTest, ANetworkIsAnAddressAndOfIpv6ItsFirstHalf) {
  const auto network = [](const char* peer) {
    return NetworkOf(*ParsePeer(peer));
  };
  EXPECT_EQ(network("ipv4:192.0.2.1:1"), network("ipv4:192.0.2.1:2"));
  EXPECT_NE(network("ipv4:192.0.2.1:1"), network("ipv4:192.0.2.2:1"));
  EXPECT_EQ(network("ipv6:[2001:db8::1]:1"), network("ipv6:[2001:db8::2]:1"));
  EXPECT_NE(network("ipv6:[2001:db8::1]:1"),
            network("ipv6:[2001:db8:0:1::1]:1"));
}

}  // namespace
}  // namespace holysheep
