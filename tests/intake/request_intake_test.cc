#include "intake/request_intake.h"

#include <map>
#include <vector>

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
      const std::map<std::string, std::string>& sent) {
    return intake_.Receive(
        [](pb::InvokeRequest& message) {
          message = ParseRequest("query: 'a'");
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

TEST_F(RequestIntakeTest, ARefusalIsToldOnce) {
  EXPECT_FALSE(Receive({{"x-holysheep-api-key", "short"}}).ok());
  ASSERT_EQ(refused_.size(), 1u);
  EXPECT_EQ(ReasonOf(refused_[0]), Reason::kInvalidArgument);
}

}  // namespace
}  // namespace holysheep
