#include "telemetry/metrics.h"

#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"
#include "support/requests.h"

namespace holysheep {
namespace {

using testing::HasSubstr;
using testing::Not;

ChatRequest From(const std::string& caller,
                 const std::string& model = "deepseek-v3.2") {
  RequestSpec spec;
  spec.caller = caller;
  spec.model = model;
  return MakeRequest(spec);
}

class MetricsTest : public testing::Test {
 protected:
  MetricsTest() { metrics_->AddNames({"deepseek-v3.2"}, {"team"}); }

  void Answer(const ChatRequest& request, pb::CacheInfo::Outcome outcome) {
    auto answer = Ending();
    answer.response.mutable_cache_info()->set_outcome(outcome);
    metrics_->Record(
        {request, absl::OkStatus(), &answer, absl::Milliseconds(20)});
  }

  std::string Text() { return metrics_->Text({}); }

  const std::unique_ptr<Metrics> metrics_ = NewMetrics("1.2.3");
};

TEST_F(MetricsTest, CountsAnswersByModelAndCache) {
  const ChatRequest request = From("team");
  Answer(request, pb::CacheInfo::MISS);
  Answer(request, pb::CacheInfo::HIT);
  Answer(request, pb::CacheInfo::HIT);
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("holysheep_requests_total{cache=\"hit\","
                              "error_type=\"\",gen_ai_request_model="
                              "\"deepseek-v3.2\",outcome=\"ok\"} 2"));
  EXPECT_THAT(text, HasSubstr("holysheep_caller_requests_total{caller=\"team\","
                              "outcome=\"ok\"} 3"));
  EXPECT_THAT(text, HasSubstr("holysheep_build_info{version=\"1.2.3\"} 1"));
}

TEST_F(MetricsTest, ShowsWhyConnectionsWereCut) {
  GaugeReadings readings;
  readings.dropped_without_room = 2;
  readings.dropped_for_others = 4;
  readings.dropped_as_flood = 3;
  metrics_->Text(readings);
  readings.dropped_as_flood = 4;
  const std::string text = metrics_->Text(readings);
  // Under the name that it had before, too.
  for (const std::string name : {"dropped", "cut"}) {
    const std::string metric = "\nholysheep_" + name + "_connections_total";
    EXPECT_THAT(text, HasSubstr(metric + "{cause=\"no_room\"} 2"));
    EXPECT_THAT(text, HasSubstr(metric + "{cause=\"crowded_out\"} 4"));
    EXPECT_THAT(text, HasSubstr(metric + "{cause=\"flood\"} 4"));
  }
}

TEST_F(MetricsTest, CountsErrorsByTheirReason) {
  metrics_->Record({MakeRequest(), MakeError(Reason::kQueueFull, "full"),
                    nullptr, absl::Milliseconds(1)});
  EXPECT_THAT(Text(),
              HasSubstr("error_type=\"QUEUE_FULL\",gen_ai_request_model="
                        "\"deepseek-v3.2\",outcome=\"error\"} 1"));
}

TEST_F(MetricsTest, WhatWasNeverConfiguredIsOther) {
  for (int i = 0; i < 100; ++i) {
    Answer(From(absl::StrCat("stranger-", i), absl::StrCat("made-up-", i)),
           pb::CacheInfo::MISS);
  }
  const std::string text = Text();
  EXPECT_THAT(text, Not(HasSubstr("made-up")));
  EXPECT_THAT(text, Not(HasSubstr("stranger")));
  EXPECT_THAT(text, HasSubstr("caller=\"other\",outcome=\"ok\"} 100"));
}

TEST_F(MetricsTest, EvenConfiguredNamesAreBounded) {
  for (int i = 0; i < 1000; ++i) {
    metrics_->AddNames({absl::StrCat("model-", i)}, {});
  }
  EXPECT_THAT(Text(), Not(HasSubstr("model-900")));
}

TEST_F(MetricsTest, CountsAttemptsByWhatTheUpstreamSaid) {
  ErrorDetails details;
  details.http_status = 503;
  const ChatRequest request = MakeRequest();
  metrics_->RecordAttempt({request,
                           MakeError(Reason::kUpstream5xx, "down", details),
                           false, absl::Seconds(1)});
  metrics_->RecordAttempt({request, absl::OkStatus(), true, absl::Seconds(1)});
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("holysheep_upstream_attempts_total{code=\"503\","
                              "gen_ai_request_model=\"deepseek-v3.2\"} 1"));
  EXPECT_THAT(text, HasSubstr("holysheep_upstream_retries_total{"
                              "gen_ai_request_model=\"deepseek-v3.2\"} 1"));
}

TEST_F(MetricsTest, MayBeReadWhileThreadsWrite) {
  const ChatRequest request = MakeRequest();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 500; ++j) Answer(request, pb::CacheInfo::HIT);
    });
  }
  for (int i = 0; i < 20; ++i) {
    metrics_->AddNames({absl::StrCat("m", i)}, {});
    Text();
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(Text(), HasSubstr("outcome=\"ok\"} 2000"));
}

ChatRequest OfApp(const std::string& app) {
  RequestSpec spec;
  spec.caller = "team";
  spec.message.mutable_caller()->set_app_id(app);
  return MakeRequest(spec);
}

TEST_F(MetricsTest, CountsByAppThoseThatAreListedAndTheRestTogether) {
  metrics_->AddApps({{"bot", "Support bot"}});
  Answer(OfApp("bot"), pb::CacheInfo::MISS);
  Answer(OfApp("made-up-1"), pb::CacheInfo::MISS);
  Answer(OfApp("made-up-2"), pb::CacheInfo::MISS);
  Answer(From("team"), pb::CacheInfo::MISS);
  metrics_->Record({OfApp("bot"), MakeError(Reason::kUpstream5xx, "down"),
                    nullptr, absl::Seconds(1)});
  const std::string text = Text();
  const std::string requests = "holysheep_app_requests_total{app=";
  EXPECT_THAT(text, HasSubstr(requests + "\"bot\",name=\"Support bot\","
                                         "outcome=\"ok\"} 1"));
  EXPECT_THAT(text, HasSubstr(requests + "\"bot\",name=\"Support bot\","
                                         "outcome=\"error\"} 1"));
  EXPECT_THAT(text, HasSubstr(requests + "\"other\",name=\"\","
                                         "outcome=\"ok\"} 2"));
  EXPECT_THAT(text, HasSubstr("holysheep_app_tokens_total{app=\"bot\","
                              "name=\"Support bot\"} 30"));
  EXPECT_THAT(text, Not(HasSubstr("made-up")));
}

TEST_F(MetricsTest, AppsAreBoundedAndOtherIsAlwaysThere) {
  std::vector<AppOptions> apps;
  for (size_t i = 0; i < 2 * Metrics::kMaxNames; ++i) {
    apps.push_back({absl::StrCat("app-", i)});
  }
  metrics_->AddApps(apps);
  Answer(OfApp(apps.front().id), pb::CacheInfo::MISS);
  Answer(OfApp(apps.back().id), pb::CacheInfo::MISS);
  const std::string text = Text();
  EXPECT_THAT(text, HasSubstr("holysheep_app_tokens_total{app=\"app-0\","
                              "name=\"\"} 30"));
  EXPECT_THAT(text, HasSubstr("holysheep_app_tokens_total{app=\"other\","
                              "name=\"\"} 30"));
  EXPECT_THAT(text, Not(HasSubstr(apps.back().id)));
}

}  // namespace
}  // namespace holysheep
