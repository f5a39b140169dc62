#include "http/native/dialer.h"

#include <sys/socket.h>

#include <memory>
#include <string>
#include <vector>

#include "boost/asio/ip/tcp.hpp"
#include "gtest/gtest.h"
#include "http/asio_loop.h"
#include "http/native/asio_socket.h"

namespace holysheep::native {
namespace {

using boost::asio::ip::address;
using boost::asio::ip::make_address;
using boost::asio::ip::tcp;

class DialerTest : public testing::Test {
 protected:
  // Connects to the port of `acceptor_` at `addresses`.
  std::shared_ptr<Socket> Connect(std::vector<address> addresses) {
    std::shared_ptr<Socket> connected;
    const absl::Time begun = loop_.Now();
    const auto dial = StartDial(
        loop_, std::make_shared<Addresses>(Addresses{std::move(addresses)}),
        acceptor_.local_endpoint().port(), absl::Seconds(10),
        [&](std::shared_ptr<Socket> socket, const std::string& error) {
          connected = std::move(socket);
          error_ = error;
          loop_.Stop();
        });
    loop_.Run();
    took_ = loop_.Now() - begun;
    return connected;
  }

  AsioLoop loop_;
  const address good_ = make_address("127.0.0.1");
  const address other_ = make_address("127.0.0.2");
  boost::asio::io_context context_;
  tcp::acceptor acceptor_{context_, {good_, 0}};
  std::string error_;
  absl::Duration took_;
};

TEST_F(DialerTest, TheFirstAddressIsTakenIfItAnswers) {
  const std::shared_ptr<Socket> socket = Connect({good_, other_});
  ASSERT_NE(socket, nullptr);
  EXPECT_EQ(socket->tcp.remote_endpoint().address(), good_);
}

TEST_F(DialerTest, AnAddressThatRefusesCostsNoTime) {
  EXPECT_NE(Connect({other_, good_}), nullptr);
  EXPECT_LT(took_, absl::Milliseconds(250));
}

TEST_F(DialerTest, AnAddressThatIsSilentCostsItsHeadStart) {
  // A listener whose queue is full answers nobody.
  tcp::acceptor silent(context_);
  silent.open(tcp::v4());
  silent.bind({other_, acceptor_.local_endpoint().port()});
  silent.listen(0);
  std::vector<tcp::socket> waiting;
  for (int i = 0; i < 3; ++i) {
    tcp::socket& socket = waiting.emplace_back(context_, tcp::v4());
    socket.non_blocking(true);
    const tcp::endpoint peer = silent.local_endpoint();
    ::connect(socket.native_handle(), peer.data(),
              static_cast<socklen_t>(peer.size()));
  }
  const std::shared_ptr<Socket> socket = Connect({other_, good_});
  ASSERT_NE(socket, nullptr);
  EXPECT_EQ(socket->tcp.remote_endpoint().address(), good_);
  EXPECT_GE(took_, absl::Milliseconds(250));
}

TEST_F(DialerTest, WithoutAnAnswerTheLastErrorIsNamed) {
  EXPECT_EQ(Connect({other_, make_address("127.0.0.3")}), nullptr);
  EXPECT_EQ(error_, "Connection refused");
}

TEST_F(DialerTest, OneThatIsGivenUpIsNotHeardOfAgain) {
  auto dial =
      StartDial(loop_, std::make_shared<Addresses>(Addresses{{good_, other_}}),
                acceptor_.local_endpoint().port(), absl::Seconds(10),
                [](std::shared_ptr<Socket>, const std::string&) { FAIL(); });
  dial.reset();
  Connect({good_});
}

}  // namespace
}  // namespace holysheep::native
