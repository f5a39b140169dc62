#include "intake/credential_checks.h"

#include <list>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/node.pb.h"
#include "support/fake_event_loop.h"

namespace holysheep {
namespace {

using Found = pb::ValidateCredentialsResponse;

// An upstream that answers when the test says so.
class FakeCheck final : public CredentialCheck {
 public:
  struct Call final : ChatCall {
    Call(FakeCheck& check, std::string checked)
        : owner(check), key(std::move(checked)) {}
    ~Call() override { owner.running.erase(key); }
    FakeCheck& owner;
    const std::string key;
  };

  std::unique_ptr<ChatCall> Start(const std::string& key, Done done) override {
    asked.push_back(key);
    running[key] = std::move(done);
    return std::make_unique<Call>(*this, key);
  }

  void Answer(const std::string& key, Found::FailedHop hop = Found::NONE) {
    Found found;
    found.set_ok(hop == Found::NONE);
    found.set_failed_hop(hop);
    Done done = std::move(running.at(key));
    done(found, "");
  }

  std::vector<std::string> asked;
  std::map<std::string, Done> running;
};

class CredentialChecksTest : public ::testing::Test {
 protected:
  using Result = absl::StatusOr<Found>;

  // A check by `caller`, who leaves when it is destroyed.
  struct Asked {
    std::vector<Result> results;
    std::unique_ptr<ChatCall> call;
  };

  Asked& Ask(const std::string& key, const std::string& caller = "anna",
             int64_t per_minute = 0) {
    Caller who;
    who.name = caller;
    who.upstream_key = key;
    who.limits.requests_per_minute = per_minute;
    Asked& asked = asked_.emplace_back();
    asked.call = checks_->Start(who, [&asked](const Result& result) {
      asked.results.push_back(result);
      asked.call.reset();
    });
    loop_.Advance();
    return asked;
  }

  static Reason ReasonFor(const Asked& asked) {
    return asked.results.size() == 1 ? ReasonOf(asked.results[0].status())
                                     : Reason::kInternal;
  }

  FakeEventLoop loop_;
  FakeCheck upstream_;
  std::unique_ptr<CredentialChecks> checks_ = NewCredentialChecks(
      loop_, upstream_, {.at_once = 2, .waiting = 8, .per_minute = 20});
  std::list<Asked> asked_;
};

TEST_F(CredentialChecksTest, OneKeyIsCheckedOnceForAllWhoAskMeanwhile) {
  const Asked& first = Ask("a");
  const Asked& second = Ask("a", "bert");
  upstream_.Answer("a", Found::KEY);
  for (const Asked* asked : {&first, &second}) {
    ASSERT_EQ(asked->results.size(), 1u);
    EXPECT_EQ(asked->results[0]->failed_hop(), Found::KEY);
  }
  EXPECT_EQ(upstream_.asked.size(), 1u);
}

TEST_F(CredentialChecksTest, WhatWasFoundIsGivenToOthersForTenSeconds) {
  Ask("a");
  upstream_.Answer("a");
  loop_.Advance(absl::Seconds(9.9));
  EXPECT_TRUE(Ask("a").results.at(0)->ok());
  EXPECT_EQ(upstream_.asked.size(), 1u);
  loop_.Advance(absl::Seconds(0.1));
  EXPECT_TRUE(Ask("a").results.empty());
  EXPECT_EQ(upstream_.asked.size(), 2u);
}

TEST_F(CredentialChecksTest, AnUpstreamThatFailedIsAskedAgain) {
  Ask("a");
  upstream_.Answer("a", Found::UPSTREAM);
  EXPECT_TRUE(Ask("a").results.empty());
  EXPECT_EQ(upstream_.asked.size(), 2u);
}

TEST_F(CredentialChecksTest, AfterAReloadNothingIsKnown) {
  Ask("a");
  upstream_.Answer("a");
  Ask("b");
  checks_->Clear();
  upstream_.Answer("b");
  Ask("a");
  Ask("b");
  EXPECT_EQ(upstream_.asked, (std::vector<std::string>{"a", "b", "a", "b"}));
}

TEST_F(CredentialChecksTest, SoManyAreAtTheUpstreamAtOnceAndTheRestWait) {
  Ask("a");
  Ask("b");
  const Asked& third = Ask("c");
  EXPECT_EQ(upstream_.asked.size(), 2u);
  upstream_.Answer("b");
  EXPECT_EQ(upstream_.asked.back(), "c");
  upstream_.Answer("c");
  EXPECT_TRUE(third.results.at(0)->ok());
}

TEST_F(CredentialChecksTest, WhoLeavesMakesRoom) {
  Asked& first = Ask("a");
  Ask("b");
  Asked& third = Ask("c");
  Ask("d");
  third.call.reset();
  first.call.reset();
  EXPECT_EQ(upstream_.asked, (std::vector<std::string>{"a", "b", "d"}));
  EXPECT_FALSE(upstream_.running.contains("a"));
}

TEST_F(CredentialChecksTest, ACheckGoesOnForThoseWhoStay) {
  Asked& first = Ask("a");
  const Asked& second = Ask("a", "bert");
  first.call.reset();
  upstream_.Answer("a");
  EXPECT_TRUE(second.results.at(0)->ok());
}

TEST_F(CredentialChecksTest, OneCallerFillsAQuarterOfThoseThatWait) {
  for (const char* key : {"a", "b", "c", "d"}) Ask(key);
  const Asked& fifth = Ask("e");
  EXPECT_EQ(ReasonFor(fifth), Reason::kQueueFull);
  EXPECT_EQ(DetailsOf(fifth.results[0].status()).retry_after, absl::Seconds(1));
  EXPECT_TRUE(Ask("e", "bert").results.empty());
}

TEST_F(CredentialChecksTest, ACallersChecksHaveALimitAMinute) {
  for (int i = 0; i < 3; ++i) {
    Ask(absl::StrCat(i), "anna", 3);
    upstream_.Answer(absl::StrCat(i));
  }
  const Asked& refused = Ask("x", "anna", 3);
  EXPECT_EQ(ReasonFor(refused), Reason::kRateLimitedLocal);
  const ErrorDetails details = DetailsOf(refused.results[0].status());
  EXPECT_EQ(details.limit, "requests_per_minute");
  EXPECT_EQ(details.subject, "caller:anna");
  EXPECT_EQ(details.retry_after, absl::Minutes(1));
  // What is known already, and other callers, are not concerned.
  EXPECT_TRUE(Ask("2", "anna", 3).results.at(0).ok());
  EXPECT_TRUE(Ask("x", "bert", 3).results.empty());
  loop_.Advance(absl::Minutes(1));
  EXPECT_TRUE(Ask("y", "anna", 3).results.empty());
}

TEST_F(CredentialChecksTest, ACallerWithoutALimitHasTheServices) {
  for (int i = 0; i < 20; ++i) {
    Ask(absl::StrCat(i));
    upstream_.Answer(absl::StrCat(i));
  }
  EXPECT_EQ(ReasonFor(Ask("x")), Reason::kRateLimitedLocal);
}

}  // namespace
}  // namespace holysheep
