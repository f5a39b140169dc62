#include <string>

#include "absl/strings/match.h"
#include "cli/events.h"
#include "cli/fake_node.h"
#include "cli/program_run.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class AdminCommandsTest : public ::testing::Test {
 protected:
  FakeNode node_;
  ProgramRun run_{node_.address()};
};

TEST_F(AdminCommandsTest, ModelsAreATableWithTheirSavings) {
  pb::Model& model = *node_.models.add_models();
  model.set_id("deepseek-v3.2");
  model.set_prompt_price("0.42");
  model.set_completion_price("0.42");
  model.set_official_price("2.8");
  model.set_saving_percent(85);
  model.set_currency("USD");
  model.set_context_size(131072);
  model.set_is_default(true);
  model.set_available(true);
  model.add_capabilities("tools");
  pb::Model& other = *node_.models.add_models();
  other.set_id("b");
  other.set_prompt_price("0.0025");
  other.set_completion_price("1");
  other.set_unavailable_reason("circuit open");
  EXPECT_EQ(run_({"models"}), kExitOk);
  EXPECT_EQ(run_.out,
            "MODEL            USD/M TOKENS  OFFICIAL  SAVING  CONTEXT  "
            "MAX OUTPUT  AVAILABLE         CAPABILITIES\n"
            "deepseek-v3.2 *          0.42      2.80  85.0 %  131,072  "
            "         -  yes               tools\n"
            "b                 0.0025/1.00             0.0 %        -  "
            "         -  no: circuit open\n");
}

TEST_F(AdminCommandsTest, ModelsShowPricesOfTheCacheWhereTheyDiffer) {
  pb::Model& model = *node_.models.add_models();
  model.set_id("a");
  model.set_prompt_price("3");
  model.set_completion_price("15");
  model.set_cached_prompt_price("0.3");
  model.set_cache_write_price("3.75");
  model.set_official_price("9");
  model.set_official_prompt_price("6");
  model.set_official_completion_price("30");
  model.set_currency("USD");
  model.set_available(true);
  EXPECT_EQ(run_({"models"}), kExitOk);
  EXPECT_EQ(run_.out,
            "MODEL  USD/M TOKENS     CACHED    OFFICIAL  SAVING  CONTEXT  "
            "MAX OUTPUT  AVAILABLE  CAPABILITIES\n"
            "a        3.00/15.00  0.30/3.75  6.00/30.00   0.0 %        -  "
            "         -  yes\n");
}

TEST_F(AdminCommandsTest, AnEmptyCatalogIsNoError) {
  EXPECT_EQ(run_({"models"}), kExitOk);
  EXPECT_EQ(run_({"models", "--json"}), kExitOk);
}

TEST_F(AdminCommandsTest, CostOfTokenCounts) {
  pb::EstimateCostRequest asked;
  node_.estimate = [&asked](const pb::EstimateCostRequest& request,
                            pb::EstimateCostResponse& response) {
    asked = request;
    pb::Usage& tokens = *response.mutable_tokens();
    tokens.set_prompt_tokens(static_cast<int32_t>(request.prompt_tokens()));
    tokens.set_cached_prompt_tokens(
        static_cast<int32_t>(request.cached_prompt_tokens()));
    tokens.set_cache_write_tokens(
        static_cast<int32_t>(request.cache_write_tokens()));
    *response.mutable_cost() = Answer("").cost();
    return grpc::Status::OK;
  };
  EXPECT_EQ(run_({"cost", "--model", "gpt-4.1", "--prompt-tokens", "1200"}),
            kExitOk);
  EXPECT_EQ(run_.out,
            "prompt tokens      1,200\n"
            "completion tokens  0\n"
            "cost               0.0005 USD\n"
            "official price     0.0035 USD\n"
            "saving             0.0029 USD (85.0 %)\n");
  EXPECT_EQ(asked.model(), "gpt-4.1");
  EXPECT_TRUE(asked.has_completion_tokens());
  EXPECT_FALSE(asked.has_request());
  EXPECT_FALSE(asked.has_cached_prompt_tokens());
  EXPECT_EQ(run_({"cost", "--prompt-tokens", "1200", "--cached-prompt-tokens",
                  "1000", "--cache-write-tokens", "100"}),
            kExitOk);
  EXPECT_THAT(run_.out, HasSubstr("prompt tokens      1,200\n"
                                  "cached             1,000\n"
                                  "cache write        100\n"));
}

TEST_F(AdminCommandsTest, CostOfAText) {
  pb::EstimateCostRequest asked;
  node_.estimate = [&asked](const pb::EstimateCostRequest& request,
                            pb::EstimateCostResponse&) {
    asked = request;
    return grpc::Status::OK;
  };
  EXPECT_EQ(run_({"cost", "-m", "m", "Why", "sheep?", "--max-tokens", "9"}),
            kExitOk);
  EXPECT_EQ(asked.request().query(), "Why sheep?");
  EXPECT_EQ(asked.request().model(), "m");
  EXPECT_EQ(asked.request().max_tokens(), 9);
  EXPECT_EQ(asked.model(), "");
  EXPECT_EQ(run_({"cost", "[1,2]", "--max-tokens", "9", "{}"}), kExitOk);
  EXPECT_EQ(asked.request().query(), "[1,2] {}");
  EXPECT_EQ(run_({"cost", "text", "--prompt-tokens", "1"}), kExitUsage);
}

TEST_F(AdminCommandsTest, ValidateNamesTheHopThatFails) {
  node_.validation.set_ok(true);
  EXPECT_EQ(run_({"validate"}), kExitOk);
  EXPECT_THAT(run_.out, HasSubstr("ok: "));
  node_.validation.set_ok(false);
  node_.validation.set_failed_hop(pb::ValidateCredentialsResponse::KEY);
  node_.validation.set_message("refused by the upstream");
  EXPECT_EQ(run_({"validate"}), kExitFailed);
  EXPECT_THAT(run_.out, HasSubstr("the key: refused by the upstream"));
}

TEST_F(AdminCommandsTest, HealthIsOkOnlyWhileServing) {
  EXPECT_EQ(run_({"health"}), kExitOk);
  EXPECT_EQ(run_.out, "SERVING\n");
  node_.SetServing(false);
  EXPECT_EQ(run_({"health"}), kExitFailed);
  EXPECT_THAT(run_.out, HasSubstr("NOT_SERVING"));
}

TEST_F(AdminCommandsTest, HealthWaitsForTheServiceOnlyAsLongAsAsked) {
  EXPECT_EQ(run_({"health", "--wait", "30"}), kExitOk);
  ProgramRun nobody("127.0.0.1:1");
  EXPECT_EQ(nobody({"health", "--wait", "0.01"}), kExitUnreachable);
}

TEST_F(AdminCommandsTest, StatsShowHowMuchTheCacheServed) {
  node_.stats.set_hits(20);
  node_.stats.set_joins(10);
  node_.stats.set_misses(70);
  node_.stats.set_bytes(3 << 20);
  pb::Breaker& breaker = *node_.stats.add_breakers();
  breaker.set_model("gpt-4.1");
  breaker.set_state(pb::Breaker::OPEN);
  breaker.set_failures(5);
  breaker.set_retry_after_ms(12'300);
  EXPECT_EQ(run_({"stats"}), kExitOk);
  EXPECT_THAT(run_.out, HasSubstr("served by the cache  30.0 %\n"));
  EXPECT_THAT(run_.out, HasSubstr("0 (3.0 MiB)\n"));
  EXPECT_THAT(run_.out, HasSubstr("gpt-4.1  OPEN          5       13s\n"));
}

TEST_F(AdminCommandsTest, StatsShowWhatModelsHaveRefused) {
  EXPECT_EQ(run_({"stats"}), kExitOk);
  EXPECT_THAT(run_.out, Not(HasSubstr("REFUSED PARAMETER")));
  pb::Learned& learned = *node_.stats.add_learned();
  learned.set_model("acme-1");
  learned.set_parameter("stream_options");
  EXPECT_EQ(run_({"stats"}), kExitOk);
  EXPECT_THAT(run_.out, HasSubstr("MODEL   REFUSED PARAMETER\n"
                                  "acme-1  stream_options\n"));
}

TEST_F(AdminCommandsTest, PurgeSaysHowManyAnswersWent) {
  pb::PurgeCacheRequest asked;
  node_.purge = [&asked](const pb::PurgeCacheRequest& request,
                         pb::PurgeCacheResponse& response) {
    asked = request;
    response.set_removed(request.has_all() ? 1234 : 1);
    return grpc::Status::OK;
  };
  EXPECT_EQ(run_({"purge", "--all"}), kExitOk);
  EXPECT_EQ(run_.out, "removed 1,234 answers\n");
  EXPECT_EQ(run_({"purge", "--model", "m"}), kExitOk);
  EXPECT_EQ(asked.model(), "m");
  EXPECT_THAT(run_.out, HasSubstr("removed 1 answer\n"));
  EXPECT_EQ(run_({"purge", "--namespace", "n"}), kExitOk);
  EXPECT_EQ(asked.namespace_(), "n");
  EXPECT_EQ(run_({"purge", "--namespace", ""}), kExitOk);
  EXPECT_TRUE(asked.has_namespace_());
  EXPECT_EQ(asked.namespace_(), "");
}

TEST_F(AdminCommandsTest, AnEmptyModelPurgesNothing) {
  bool asked = false;
  node_.purge = [&asked](const pb::PurgeCacheRequest&,
                         pb::PurgeCacheResponse&) {
    asked = true;
    return grpc::Status::OK;
  };
  EXPECT_EQ(run_({"purge", "--model", ""}), kExitUsage);
  EXPECT_FALSE(asked);
  EXPECT_THAT(run_.err, HasSubstr("the model is empty"));
  EXPECT_THAT(run_.err, HasSubstr("--all"));
}

TEST_F(AdminCommandsTest, NobodyThereIsAnExitCodeOfItsOwn) {
  ProgramRun nobody("127.0.0.1:1");
  for (const char* command : {"models", "stats", "validate", "health"}) {
    EXPECT_EQ(nobody({command}), kExitUnreachable) << command;
    EXPECT_THAT(nobody.err, HasSubstr("start holysheep-node")) << command;
  }
}

TEST_F(AdminCommandsTest, ABrokenSettingIsWrongUsage) {
  EXPECT_EQ(run_({"models", "--ca", "/no/such/file"}), kExitUsage);
  EXPECT_THAT(run_.err,
              HasSubstr("ca cannot read /no/such/file: No such file"));
}

TEST_F(AdminCommandsTest, ASecretThatIsSentInClearIsWarnedOf) {
  const auto warned_of = [this](const std::string& address) {
    run_.Use(address);
    run_({"health", "--timeout", "1s"});
    return absl::StrContains(run_.err, "is sent without encryption");
  };
  EXPECT_FALSE(warned_of("node.invalid:1"));
  run_.environment["HOLYSHEEP_TOKEN"] = "secret-token";
  EXPECT_FALSE(warned_of(node_.address()));
  EXPECT_TRUE(warned_of("node.invalid:1"));
  EXPECT_THAT(run_.err, Not(HasSubstr("secret-token")));
  run_.environment["HOLYSHEEP_TLS"] = "true";
  EXPECT_FALSE(warned_of("node.invalid:1"));
}

}  // namespace
}  // namespace holysheep::cli
