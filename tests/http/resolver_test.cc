#include "http/native/resolver.h"

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "absl/synchronization/notification.h"
#include "boost/asio/ip/address.hpp"
#include "gtest/gtest.h"
#include "http/asio_loop.h"
#include "http/native/asio_socket.h"

namespace holysheep::native {
namespace {

// Counts the names it is asked for, and answers once it is released.
struct SlowNames {
  LookUp Function() {
    return [state = state](const std::string&) -> NameResult {
      ++state->asked;
      state->release.WaitForNotification();
      return {std::make_shared<Addresses>(
                  Addresses{{boost::asio::ip::make_address("192.0.2.1")}}),
              ""};
    };
  }

  struct State {
    std::atomic<int> asked = 0;
    absl::Notification release;
  };
  const std::shared_ptr<State> state = std::make_shared<State>();
};

TEST(ResolverTest, ANameThatHangsIsAskedForOnceHoweverManyGiveUp) {
  AsioLoop loop;
  SlowNames names;
  Resolver resolver(loop, absl::Minutes(1), names.Function());
  for (int i = 0; i < 20; ++i) {
    resolver.Resolve("hangs", [](AddressesPtr, std::string) { FAIL(); });
  }
  size_t found = 0;
  const auto last = resolver.Resolve(
      "hangs", [&](const AddressesPtr& addresses, const std::string&) {
        found = addresses->list.size();
        loop.Stop();
      });
  names.state->release.Notify();
  loop.Run();
  EXPECT_EQ(found, 1u);
  EXPECT_EQ(names.state->asked, 1);
}

TEST(ResolverTest, WhatNobodyWaitsForAnyMoreIsKeptAllTheSame) {
  AsioLoop loop;
  SlowNames names;
  Resolver resolver(loop, absl::Minutes(1), names.Function());
  resolver.Resolve("late", [](AddressesPtr, std::string) { FAIL(); });
  names.state->release.Notify();
  std::unique_ptr<Timer> timer;
  const std::function<void()> look = [&] {
    if (resolver.Known("late") != nullptr) return loop.Stop();
    timer = loop.RunAfter(absl::Milliseconds(1), look);
  };
  timer = loop.RunAfter(absl::ZeroDuration(), look);
  loop.Run();
  EXPECT_NE(resolver.Known("late"), nullptr);
}

}  // namespace
}  // namespace holysheep::native
