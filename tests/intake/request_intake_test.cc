#include "intake/request_intake.h"

#include <map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "base/sha256.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "intake/validation_support.h"
#include "support/fake_event_loop.h"

namespace holysheep {
namespace {

constexpr char kKey[] = "sk-0123456789abcdefghij";

class RequestIntakeTest : public testing::Test {
 protected:
  std::shared_ptr<IntakeSettings> Settings() {
    auto settings = std::make_shared<IntakeSettings>();
    settings->catalog = std::make_shared<const Catalog>(TestCatalog());
    settings->authenticator = *NewTokenAuthenticator({}, false);
    settings->limits = TestLimits();
    settings->upstream_key_sha256 = Sha256("the service's own key");
    return settings;
  }

  absl::StatusOr<ChatRequest> Receive(
      const std::map<std::string, std::string>& sent,
      const std::string& text = "query: 'a'") {
    return intake_.Receive(
        [&text](const Caller&, pb::InvokeRequest& message) {
          message = ParseRequest(text);
          return absl::OkStatus();
        },
        [&sent](absl::string_view name) {
          const auto found = sent.find(std::string(name));
          return found == sent.end() ? MetadataValues()
                                     : MetadataValues{found->second};
        },
        absl::InfiniteFuture());
  }

  FakeEventLoop loop_;
  std::vector<absl::Status> refused_;
  RequestIntake intake_{loop_, Settings(), [this](const absl::Status& error) {
                          refused_.push_back(error);
                        }};
};

TEST_F(RequestIntakeTest, TheUpstreamKeyItselfIsNotInTheMaterialOfTheCacheKey) {
  const auto chat = Receive({{"x-holysheep-api-key", kKey}});
  ASSERT_TRUE(chat.ok()) << chat.status();
  EXPECT_EQ(chat->caller->upstream_key, kKey);
  EXPECT_THAT(*chat->key.material, testing::Not(testing::HasSubstr(kKey)));
}

TEST_F(RequestIntakeTest, AnswersAreApartByUpstreamKey) {
  const auto own = Receive({{"x-holysheep-api-key", kKey}});
  const auto other =
      Receive({{"x-holysheep-api-key", "sk-9876543210zyxwvutsrqp"}});
  const auto service = Receive({});
  EXPECT_NE(own->key.digest, other->key.digest);
  EXPECT_NE(own->key.digest, service->key.digest);
  EXPECT_NE(other->key.digest, service->key.digest);
}

TEST_F(RequestIntakeTest, WhoSendsTheServicesOwnKeySharesItsAnswers) {
  const auto settings = Settings();
  settings->upstream_key_sha256 = Sha256(kKey);
  intake_.SetSettings(settings);
  EXPECT_EQ(Receive({{"x-holysheep-api-key", kKey}})->key.digest,
            Receive({})->key.digest);
}

TEST_F(RequestIntakeTest, KnowsWhichValuesTheCallerHasSet) {
  const auto none = Receive({})->set_by_caller;
  EXPECT_FALSE(none.temperature || none.top_p || none.max_tokens);
  const auto some =
      Receive({}, "query: 'a' top_p: 0.95 max_tokens: 2048")->set_by_caller;
  EXPECT_TRUE(!some.temperature && some.top_p && some.max_tokens);
  const auto extra =
      Receive({},
              "query: 'a' extra_params_json: '{\"Temperature\":0.7,"
              "\"max_completion_tokens\":9,\"top_p\":null}'")
          ->set_by_caller;
  EXPECT_TRUE(extra.temperature && !extra.top_p && extra.max_tokens);
}

// What the message shows is the same in all of these.
TEST_F(RequestIntakeTest, KeysAreApartOnlyWhereTheUpstreamIsSentOtherBytes) {
  const auto key = [this](const std::string& model, const std::string& set) {
    return Receive({}, "query: 'a' model: '" + model + "' " + set)->key.digest;
  };
  const std::string claude = "claude-sonnet-4.5";
  const std::string both = "temperature: 0.7 top_p: 0.95";
  EXPECT_NE(key(claude, ""), key(claude, "top_p: 0.95"));
  EXPECT_EQ(key(claude, ""), key(claude, "temperature: 0.7"));
  EXPECT_EQ(key(claude, ""), key(claude, both));
  EXPECT_EQ(key(claude, ""), key(claude, "max_tokens: 2048"));
  for (const std::string model : {"chat", "gpt-4.1", "gpt-5"}) {
    EXPECT_EQ(key(model, ""), key(model, "top_p: 0.95")) << model;
    EXPECT_EQ(key(model, ""), key(model, both)) << model;
  }
}

TEST_F(RequestIntakeTest, ARefusalIsToldOnce) {
  EXPECT_FALSE(Receive({{"x-holysheep-api-key", "short"}}).ok());
  ASSERT_EQ(refused_.size(), 1u);
  EXPECT_EQ(ReasonOf(refused_[0]), Reason::kInvalidArgument);
}

TEST_F(RequestIntakeTest, AnAppHasTheLimitsOfItsEntryOrThoseOfOther) {
  const auto app_of = [this](const char* id) {
    return Receive({}, absl::StrCat("query: 'a' caller {app_id: '", id, "'}"))
        ->app;
  };
  EXPECT_EQ(app_of("bot"), nullptr);
  const auto settings = Settings();
  settings->apps = Apps(std::vector<AppOptions>{{"bot", "Support bot"}});
  intake_.SetSettings(settings);
  EXPECT_EQ(app_of("bot")->id, "bot");
  EXPECT_EQ(app_of("chat"), nullptr);
  const auto with_other = Settings();
  with_other->apps =
      Apps(std::vector<AppOptions>{{"bot", "Support bot"}, {"other"}});
  intake_.SetSettings(with_other);
  EXPECT_EQ(app_of("bot")->id, "bot");
  EXPECT_EQ(app_of("chat")->id, "other");
  EXPECT_EQ(app_of("other")->id, "other");
  EXPECT_EQ(app_of(""), nullptr) << "a call without an app";
}

}  // namespace
}  // namespace holysheep
