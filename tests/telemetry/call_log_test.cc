#include "telemetry/call_log.h"

#include <string>
#include <vector>

#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"
#include "json/json.h"
#include "support/requests.h"

namespace holysheep {
namespace {

using testing::HasSubstr;
using testing::Not;

class KeptLog final : public Logger {
 public:
  bool Takes(LogLevel level) const override { return level >= level_; }
  LogFormat format() const override { return LogFormat::kJson; }
  void Configure(LogLevel level, LogFormat) override { level_ = level; }
  void Write(LogLevel, absl::string_view line) override {
    EXPECT_TRUE(CheckJsonObject(line).ok()) << line;
    lines.emplace_back(line);
  }
  int64_t dropped() const override { return 0; }

  std::vector<std::string> lines;

 private:
  LogLevel level_ = LogLevel::kInfo;
};

ChatRequest Asking(const std::string& query) {
  RequestSpec spec;
  spec.query = query;
  return MakeRequest(spec);
}

class CallLogTest : public testing::Test {
 protected:
  std::string Line(const ChatRequest& request, const absl::Status& status,
                   const Answer* answer) {
    call_log_.Record({request, status, answer, absl::Milliseconds(12)});
    return log_.lines.empty() ? "" : log_.lines.back();
  }

  KeptLog log_;
  CallLog call_log_{log_, /*prompts=*/false};
};

TEST_F(CallLogTest, TellsWhatAnAnswerTookAndCost) {
  Answer answer = Ending();
  answer.response.mutable_cache_info()->set_outcome(pb::CacheInfo::MISS);
  answer.response.set_attempts(2);
  const std::string line = Line(Asking("secret"), absl::OkStatus(), &answer);
  for (const char* part :
       {"\"request_id\":\"request-1\"", "\"outcome\":\"ok\"",
        "\"cache\":\"miss\"", "\"latency_ms\":12.000", "\"attempts\":2",
        "\"prompt_tokens\":10", "\"cost_usd\":0.0000126"}) {
    EXPECT_THAT(line, HasSubstr(part));
  }
  EXPECT_THAT(line, Not(HasSubstr("secret")));
}

TEST_F(CallLogTest, NamesEveryFinishReasonAsTheContractDoes) {
  const auto& reasons = *pb::InvokeResponse::FinishReason_descriptor();
  for (int i = 0; i < reasons.value_count(); ++i) {
    const auto& reason = *reasons.value(i);
    Answer answer = Ending();
    answer.response.set_finish_reason(
        static_cast<pb::InvokeResponse::FinishReason>(reason.number()));
    EXPECT_THAT(Line(Asking("a"), absl::OkStatus(), &answer),
                HasSubstr("\"finish_reason\":\"" + reason.name() + "\""));
  }
}

TEST_F(CallLogTest, TellsWhyThereIsNoAnswerButNotInTheUpstreamsWords) {
  const std::string line =
      Line(MakeRequest(), MakeError(Reason::kUpstream5xx, "it quotes secrets"),
           nullptr);
  EXPECT_THAT(line, HasSubstr("\"reason\":\"UPSTREAM_5XX\""));
  EXPECT_THAT(line, HasSubstr("\"code\":\"UNAVAILABLE\""));
  EXPECT_THAT(line, Not(HasSubstr("secrets")));
}

TEST_F(CallLogTest, TellsOfACallerWhoLeft) {
  EXPECT_THAT(Line(MakeRequest(), absl::CancelledError("left"), nullptr),
              HasSubstr("\"outcome\":\"cancelled\""));
}

TEST_F(CallLogTest, ShowsPromptsOnlyWhenAskedTo) {
  call_log_.SetPrompts(true);
  const Answer answer = Ending();
  EXPECT_THAT(Line(Asking("a \"quoted\" secret"), absl::OkStatus(), &answer),
              HasSubstr("secret"));
}

TEST_F(CallLogTest, SaysNothingAboveItsLevel) {
  log_.Configure(LogLevel::kWarn, LogFormat::kJson);
  const Answer answer = Ending();
  EXPECT_EQ(Line(MakeRequest(), absl::OkStatus(), &answer), "");
}

}  // namespace
}  // namespace holysheep
