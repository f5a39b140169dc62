#include "intake/caller.h"

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "base/errors.h"
#include "base/sha256.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep {
namespace {

using Sent = std::multimap<std::string, std::string>;

TokenOptions Token(const std::string& name, const std::string& token,
                   const std::vector<Role>& roles) {
  TokenOptions options;
  options.name = name;
  options.sha256 = absl::BytesToHexString(Sha256(token));
  const auto has = [&roles](Role role) {
    return std::find(roles.begin(), roles.end(), role) != roles.end();
  };
  options.may_invoke = has(Role::kInvoke);
  options.may_administer = has(Role::kAdmin);
  return options;
}

class CallerTest : public testing::Test {
 protected:
  absl::StatusOr<std::shared_ptr<const Caller>> Authenticate(
      const Sent& sent, Role role = Role::kInvoke) {
    const auto authenticator = NewTokenAuthenticator(tokens_, certificates_);
    EXPECT_TRUE(authenticator.ok()) << authenticator.status();
    return (*authenticator)
        ->Authenticate(
            [&sent](absl::string_view name) {
              MetadataValues values;
              const auto [begin, end] = sent.equal_range(std::string(name));
              for (auto it = begin; it != end; ++it) {
                values.push_back(it->second);
              }
              return values;
            },
            role);
  }

  bool certificates_ = false;
  std::vector<TokenOptions> tokens_ = {
      Token("team-a", "token-of-a", {Role::kInvoke}),
      Token("ops", "token-of-ops", {Role::kInvoke, Role::kAdmin})};
};

TEST_F(CallerTest, WithoutTokensEveryoneMayDoEverything) {
  tokens_.clear();
  for (const Role role : {Role::kInvoke, Role::kAdmin}) {
    const auto caller = Authenticate({{"authorization", "Bearer x"}}, role);
    ASSERT_TRUE(caller.ok());
    EXPECT_EQ((*caller)->name, "");
    EXPECT_EQ((*caller)->scope, "");
  }
}

TEST_F(CallerTest, ATokenNamesItsCaller) {
  tokens_[0].limits.requests_per_minute = 7;
  tokens_[0].limits.tokens_per_minute = 1000;
  const auto caller = Authenticate({{"authorization", "Bearer token-of-a"}});
  ASSERT_TRUE(caller.ok());
  EXPECT_EQ((*caller)->name, "team-a");
  EXPECT_EQ((*caller)->scope, "team-a");
  EXPECT_EQ((*caller)->upstream_key, "");
  EXPECT_EQ((*caller)->limits.requests_per_minute, 7);
  EXPECT_EQ((*caller)->limits.tokens_per_minute, 1000);
}

TEST_F(CallerTest, CallersShareAScopeOnlyWhereItIsSet) {
  tokens_[0].scope = "shared";
  EXPECT_EQ((*Authenticate({{"authorization", "Bearer token-of-a"}}))->scope,
            "shared");
  EXPECT_EQ((*Authenticate({{"authorization", "Bearer token-of-ops"}}))->scope,
            "ops");
}

TEST_F(CallerTest, TheSchemeHasNoCaseAndTheHashNeither) {
  absl::AsciiStrToUpper(&tokens_[0].sha256);
  EXPECT_TRUE(Authenticate({{"authorization", "bearer token-of-a"}}).ok());
}

TEST_F(CallerTest, AMissingTokenLooksLikeAWrongOne) {
  // The hash of nothing opens no door.
  tokens_.push_back(Token("nobody", "", {Role::kInvoke}));
  const absl::Status missing = Authenticate({}).status();
  EXPECT_EQ(ReasonOf(missing), Reason::kUnauthenticated);
  for (const char* value :
       {"Bearer wrong", "Bearer ", "Bearer", "", "token-of-a",
        "Basic token-of-a", "Bearer token-of-a x"}) {
    EXPECT_EQ(Authenticate({{"authorization", value}}).status(), missing)
        << value;
  }
}

TEST_F(CallerTest, TwoTokensAreNone) {
  const auto caller = Authenticate({{"authorization", "Bearer token-of-a"},
                                    {"authorization", "Bearer token-of-ops"}});
  EXPECT_EQ(ReasonOf(caller.status()), Reason::kUnauthenticated);
}

TEST_F(CallerTest, ARoleMustBeGiven) {
  EXPECT_EQ(ReasonOf(Authenticate({{"authorization", "Bearer token-of-a"}},
                                  Role::kAdmin)
                         .status()),
            Reason::kPermissionDenied);
  EXPECT_TRUE(
      Authenticate({{"authorization", "Bearer token-of-ops"}}, Role::kAdmin)
          .ok());
}

TEST_F(CallerTest, WithoutTokensACertificateNamesItsCallerWhoMayInvoke) {
  tokens_.clear();
  const Sent sent = {{std::string(kPeerName), "team-x"}};
  const auto caller = Authenticate(sent);
  ASSERT_TRUE(caller.ok());
  EXPECT_EQ((*caller)->name, "cert:team-x");
  EXPECT_EQ((*caller)->scope, "cert:team-x");
  EXPECT_EQ(ReasonOf(Authenticate(sent, Role::kAdmin).status()),
            Reason::kPermissionDenied);
}

TEST_F(CallerTest, ACertificateWithoutANameIsNobody) {
  certificates_ = true;
  for (const bool with_tokens : {true, false}) {
    if (!with_tokens) tokens_.clear();
    for (const Role role : {Role::kInvoke, Role::kAdmin}) {
      EXPECT_EQ(ReasonOf(Authenticate({}, role).status()),
                Reason::kUnauthenticated);
    }
  }
}

TEST_F(CallerTest, ACertificateHasTheRolesAndLimitsOfItsEntry) {
  tokens_.push_back({.name = "cert:robot",
                     .may_administer = true,
                     .limits = {.requests_per_minute = 7}});
  const auto caller =
      Authenticate({{std::string(kPeerName), "robot"}}, Role::kAdmin);
  ASSERT_TRUE(caller.ok());
  EXPECT_EQ((*caller)->name, "cert:robot");
  EXPECT_EQ((*caller)->limits.requests_per_minute, 7);
}

TEST_F(CallerTest, ACertificateIsNotATokenOfItsName) {
  // `ops` is the name of a token, and `cert:ops` that of no certificate.
  for (const char* name : {"ops", "nobody", "cert:ops", ""}) {
    EXPECT_EQ(ReasonOf(Authenticate({{std::string(kPeerName), name}}).status()),
              Reason::kUnauthenticated)
        << name;
  }
}

TEST_F(CallerTest, NoTokenStandsForACertificate) {
  tokens_.push_back({.name = "cert:robot"});
  EXPECT_EQ(
      ReasonOf(Authenticate({{"authorization", "Bearer cert:robot"}}).status()),
      Reason::kUnauthenticated);
  tokens_.back().sha256 = std::string(64, 'a');
  EXPECT_EQ(DetailsOf(NewTokenAuthenticator(tokens_, true).status()).field,
            "auth.tokens[2].sha256");
}

TEST_F(CallerTest, WhoIsStillKnownAfterAReload) {
  tokens_.push_back({.name = "cert:robot"});
  const auto a = *Authenticate({{"authorization", "Bearer token-of-a"}});
  const auto robot = *Authenticate({{std::string(kPeerName), "robot"}});
  const Caller anyone;
  const auto known = [this](const Caller& caller) {
    return (*NewTokenAuthenticator(tokens_, certificates_))->Knows(caller);
  };
  EXPECT_TRUE(known(*a));
  EXPECT_TRUE(known(*robot));
  EXPECT_FALSE(known(anyone));
  // Another token under the same name, and a role less.
  tokens_[0] = Token("team-a", "another", {Role::kInvoke});
  tokens_[2].may_invoke = false;
  EXPECT_FALSE(known(*a));
  EXPECT_FALSE(known(*robot));
  tokens_.clear();
  EXPECT_TRUE(known(*a)) << "everyone may call";
  certificates_ = true;
  EXPECT_FALSE(known(*a));
  EXPECT_TRUE(known(*robot));
}

TEST_F(CallerTest, AWrongTokenIsNotHelpedByACertificate) {
  EXPECT_EQ(ReasonOf(Authenticate({{std::string(kPeerName), "ops"},
                                   {"authorization", "Bearer wrong"}})
                         .status()),
            Reason::kUnauthenticated);
}

TEST_F(CallerTest, AnUpstreamKeyOfTheirOwnIsTheCallers) {
  const auto caller =
      Authenticate({{"authorization", "Bearer token-of-a"},
                    {"x-holysheep-api-key", "sk-0123456789abcdefg"}});
  ASSERT_TRUE(caller.ok());
  EXPECT_EQ((*caller)->upstream_key, "sk-0123456789abcdefg");
  EXPECT_EQ((*caller)->name, "team-a");
}

TEST_F(CallerTest, OneCallersKeyIsNotTheNextOnes) {
  tokens_.clear();
  ASSERT_TRUE(
      Authenticate({{"x-holysheep-api-key", "sk-0123456789abcdefg"}}).ok());
  EXPECT_EQ((*Authenticate({}))->upstream_key, "");
}

TEST_F(CallerTest, AMalformedUpstreamKeyIsRefusedAndNotShown) {
  tokens_.clear();
  for (const std::string key :
       {"", "sk-0123456789abcdef", " sk-0123456789abcdefg",
        "sk-0123456789abcdefg ", "sk-0123456789 abcdefg",
        "sk-0123456789\tabcdefg", "sk-0123456789abcdef\xC3\xA4",
        "sk-0123456789abcdefg\n"}) {
    const absl::Status status =
        Authenticate({{"x-holysheep-api-key", key}}).status();
    EXPECT_EQ(ReasonOf(status), Reason::kInvalidArgument) << key;
    EXPECT_EQ(DetailsOf(status).field, "metadata.x-holysheep-api-key");
    EXPECT_THAT(std::string(status.message()),
                testing::Not(testing::HasSubstr("0123456789")));
  }
  EXPECT_FALSE(Authenticate({{"x-holysheep-api-key", "sk-0123456789abcdefg"},
                             {"x-holysheep-api-key", "sk-0123456789abcdefh"}})
                   .ok());
}

TEST_F(CallerTest, AStrangerDoesNotLearnWhatIsWrongWithAKey) {
  EXPECT_EQ(ReasonOf(Authenticate({{"x-holysheep-api-key", "x"}}).status()),
            Reason::kUnauthenticated);
}

TEST(TokensTest, AMistakeInTheTokensIsNamed) {
  const auto field_of = [](const std::vector<TokenOptions>& tokens) {
    return DetailsOf(NewTokenAuthenticator(tokens, false).status()).field;
  };
  const TokenOptions good = Token("a", "token-of-a", {Role::kInvoke});
  TokenOptions nameless = Token("", "other", {Role::kInvoke});
  TokenOptions plain = Token("b", "other", {Role::kInvoke});
  plain.sha256 = "token-of-b";
  EXPECT_EQ(field_of({good, nameless}), "auth.tokens[1].name");
  EXPECT_EQ(field_of({plain}), "auth.tokens[0].sha256");
  EXPECT_EQ(field_of({good, good}), "auth.tokens[1].sha256");
  EXPECT_THAT(
      std::string(NewTokenAuthenticator({plain}, false).status().message()),
      testing::Not(testing::HasSubstr("token-of-b")));
}

}  // namespace
}  // namespace holysheep
