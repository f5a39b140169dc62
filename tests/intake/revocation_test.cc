#include "intake/revocation.h"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/errors.h"
#include "gtest/gtest.h"
#include "support/fake_event_loop.h"

namespace holysheep {
namespace {

// Knows those whose credential it has.
class FakeAuthenticator final : public Authenticator {
 public:
  explicit FakeAuthenticator(std::set<std::string> known)
      : known_(std::move(known)) {}
  absl::StatusOr<std::shared_ptr<const Caller>> Authenticate(
      Metadata, Role) const override {
    return absl::UnimplementedError("");
  }
  bool Knows(const Caller& caller) const override {
    return known_.contains(caller.credential);
  }

 private:
  const std::set<std::string> known_;
};

class RevocationTest : public ::testing::Test {
 protected:
  // Leaves when it is ended, as a call does.
  struct Call final : Revocation::Lasting {
    Call(Revocation& revocation, const std::string& credential) {
      auto caller = std::make_shared<Caller>();
      caller->credential = credential;
      watch.emplace(revocation, std::move(caller), *this);
    }
    void EndRevoked(const absl::Status& error) override {
      reason = ReasonOf(error);
      watch.reset();
    }
    std::optional<Revocation::Watch> watch;
    std::optional<Reason> reason;
  };

  void Reload(std::set<std::string> known) {
    revocation_.TakeUp(std::make_shared<FakeAuthenticator>(std::move(known)));
    loop_.Advance();
  }

  FakeEventLoop loop_;
  Revocation revocation_{loop_};
};

TEST_F(RevocationTest, AReloadEndsTheCallsOfThoseWhoAreNoLongerKnown) {
  Call a(revocation_, "a"), b(revocation_, "b"), again(revocation_, "a");
  Reload({"a", "b"});
  EXPECT_FALSE(a.reason.has_value());
  Reload({"b"});
  EXPECT_EQ(a.reason, Reason::kUnauthenticated);
  EXPECT_EQ(again.reason, Reason::kUnauthenticated);
  EXPECT_FALSE(b.reason.has_value());
}

TEST_F(RevocationTest, ACallThatWasOnItsWayDuringTheReloadEndsTooSoonAfter) {
  Call before(revocation_, "a");
  EXPECT_FALSE(before.reason.has_value());
  Reload({"b"});
  Call late(revocation_, "a");
  EXPECT_FALSE(late.reason.has_value()) << "not while it begins";
  loop_.Advance();
  EXPECT_EQ(late.reason, Reason::kUnauthenticated);
}

TEST_F(RevocationTest, ACallThatHasEndedIsNotEndedAgain) {
  Call call(revocation_, "a");
  call.watch.reset();
  Reload({});
  EXPECT_FALSE(call.reason.has_value());
}

}  // namespace
}  // namespace holysheep
