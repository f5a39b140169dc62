#include "http/native/name_lookups.h"

#include <string>

#include "absl/synchronization/notification.h"
#include "boost/asio/ip/address.hpp"
#include "gtest/gtest.h"
#include "http/native/asio_socket.h"
#include "support/fake_event_loop.h"

namespace holysheep::native {
namespace {

NameResult Found() {
  return {std::make_shared<Addresses>(
              Addresses{{boost::asio::ip::make_address("192.0.2.1")}}),
          ""};
}

// Runs what is posted at once, as a loop with an idle thread does.
class IdleLoop final : public EventLoop {
 public:
  absl::Time Now() const override { return absl::UnixEpoch(); }
  std::unique_ptr<Timer> RunAfter(absl::Duration, Task) override {
    return nullptr;
  }
  void Post(Task task) override { task(); }
  void Enter(Task task) override { task(); }
};

TEST(NameLookupsTest, ANameThatHangsHoldsUpNoOther) {
  IdleLoop loop;
  const auto release = std::make_shared<absl::Notification>();
  NameLookups lookups(loop, [release](const std::string& host) {
    if (host == "hangs") release->WaitForNotification();
    return Found();
  });
  absl::Notification late;
  absl::Notification quick;
  lookups.Start("hangs", [&late](const NameResult&) { late.Notify(); });
  lookups.Start("quick", [&quick](const NameResult& result) {
    EXPECT_EQ(result.addresses->list.size(), 1u);
    quick.Notify();
  });
  quick.WaitForNotification();
  EXPECT_FALSE(late.HasBeenNotified());
  release->Notify();
  late.WaitForNotification();
}

TEST(NameLookupsTest, TheEndWaitsForNoName) {
  FakeEventLoop loop;
  const auto begun = std::make_shared<absl::Notification>();
  const auto release = std::make_shared<absl::Notification>();
  const auto ended = std::make_shared<absl::Notification>();
  {
    NameLookups lookups(loop, [=](const std::string&) {
      begun->Notify();
      release->WaitForNotification();
      ended->Notify();
      return Found();
    });
    lookups.Start("hangs", [](const NameResult&) { FAIL(); });
    begun->WaitForNotification();
  }
  release->Notify();
  ended->WaitForNotification();
}

TEST(NameLookupsTest, NamesThatWaitAreBounded) {
  IdleLoop loop;
  const auto release = std::make_shared<absl::Notification>();
  int refused = 0;
  {
    NameLookups lookups(loop, [release](const std::string&) {
      release->WaitForNotification();
      return Found();
    });
    for (int i = 0; i < 1'000; ++i) {
      lookups.Start(std::to_string(i), [&refused](const NameResult& result) {
        refused += result.error == "too many names are being looked up";
      });
    }
    EXPECT_GE(refused, 1'000 - 256 - 8);
    EXPECT_LT(refused, 1'000 - 8);
  }
  release->Notify();
}

TEST(NameLookupsTest, TheSystemKnowsThisMachine) {
  const NameResult result = AskSystem("localhost");
  ASSERT_NE(result.addresses, nullptr) << result.error;
  EXPECT_TRUE(result.addresses->list.front().is_loopback());
}

TEST(NameLookupsTest, AnUnknownNameSaysWhy) {
  const NameResult result = AskSystem("nowhere.invalid");
  EXPECT_EQ(result.addresses, nullptr);
  EXPECT_NE(result.error, "");
}

}  // namespace
}  // namespace holysheep::native
