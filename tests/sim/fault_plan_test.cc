#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/behaviour.h"
#include "sim/json_reader.h"
#include "sim/plan_text.h"

// What each fault makes of a plan.
namespace holysheep::sim {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

// The choice of one rule, written as in a control message.
Choice Rules(const std::string& rules) {
  absl::StatusOr<Settings> settings =
      ParseControl("{\"faults\":[" + rules + "]}", {});
  EXPECT_TRUE(settings.ok()) << settings.status();
  Choice choice;
  for (const Rule& rule : settings->rules) {
    choice.faults.push_back(rule.fault);
  }
  return choice;
}

Plan Streamed(const std::string& rules) {
  return PlanFor(Question(true), Rules(rules));
}
Plan Whole(const std::string& rules) {
  return PlanFor(Question(false), Rules(rules));
}

TEST(FaultPlanTest, EveryErrorHasItsStatusAndCode) {
  struct Case {
    const char* name;
    const char* status;
    const char* code;
  };
  const Case cases[] = {
      {"S01", "HTTP/1.1 429 ", "rate_limit_exceeded"},
      {"S02", "HTTP/1.1 429 ", "rate_limit_exceeded"},
      {"S03", "HTTP/1.1 500 ", "internal_error"},
      {"S04", "HTTP/1.1 503 ", "service_unavailable"},
      {"S12", "HTTP/1.1 400 ", "context_length_exceeded"},
      {"S13", "HTTP/1.1 400 ", "content_filter"},
      {"unauthorized", "HTTP/1.1 401 ", "invalid_api_key"},
      {"forbidden", "HTTP/1.1 403 ", "forbidden"},
      {"model_not_found", "HTTP/1.1 404 ", "model_not_found"},
  };
  for (const Case& c : cases) {
    const Plan plan = Streamed(std::string("{\"fault\":\"") + c.name + "\"}");
    EXPECT_THAT(plan.head, StartsWith(c.status)) << c.name;
    const auto json = ParseJson(plan.body[0].bytes);
    ASSERT_TRUE(json.ok()) << c.name;
    EXPECT_STREQ((*json)["error"]["code"].GetString(), c.code);
  }
}

TEST(FaultPlanTest, RetryAfterIsInSecondsOrADate) {
  EXPECT_THAT(Whole(R"({"fault":"S01"})").head,
              HasSubstr("retry-after: 2\r\n"));
  EXPECT_THAT(Whole(R"({"fault":"S02"})").head, Not(HasSubstr("retry-after")));
  EXPECT_THAT(Whole(R"({"fault":"S04","retry_after":9})").head,
              HasSubstr("retry-after: 9\r\n"));
  EXPECT_THAT(Whole(R"({"fault":"S01","variant":"http_date"})").head,
              HasSubstr("retry-after: Sun, 15 Jun 2025 15:06:52 GMT\r\n"));
}

TEST(FaultPlanTest, AResetSendsNothing) {
  const Plan plan = Streamed(R"({"fault":"S05"})");
  EXPECT_EQ(TextOf(plan), "");
  EXPECT_EQ(plan.ending, Ending::kReset);
}

TEST(FaultPlanTest, SilenceLastsUntilTheClientGoesOrTheTimeIsUp) {
  const Plan forever = Streamed(R"({"fault":"S06"})");
  EXPECT_EQ(TextOf(forever), "");
  EXPECT_EQ(forever.ending, Ending::kHang);
  const Plan timed = Streamed(R"({"fault":"S06","ms":250})");
  EXPECT_EQ(timed.ending, Ending::kClose);
  EXPECT_EQ(timed.delay, absl::Milliseconds(250));
}

TEST(FaultPlanTest, TheFirstTokenIsLateButTheHeadIsNot) {
  const Plan plan = Streamed(R"({"fault":"S07","ms":500})");
  EXPECT_EQ(plan.delay, absl::ZeroDuration());
  ASSERT_EQ(plan.body.size(), 2u);
  EXPECT_THAT(plan.body[0].bytes, HasSubstr("\"role\":\"assistant\""));
  EXPECT_EQ(plan.body[1].delay, absl::Milliseconds(500));
}

TEST(FaultPlanTest, TheHeadMayBeLateToo) {
  const Plan plan = Streamed(R"({"fault":"S07","ms":500,"variant":"headers"})");
  EXPECT_EQ(plan.delay, absl::Milliseconds(500));
  EXPECT_EQ(plan.body.size(), 1u);
}

TEST(FaultPlanTest, ACutStreamHasItsTokensAndNoEnd) {
  const Plan plan = Streamed(R"({"fault":"S08","after":3})");
  EXPECT_EQ(EventsOf(plan).size(), 1u + 3u);
  EXPECT_THAT(TextOf(plan), Not(HasSubstr("\"finish_reason\":\"stop\"")));
  EXPECT_THAT(TextOf(plan), Not(EndsWith("0\r\n\r\n")));
  EXPECT_EQ(plan.ending, Ending::kClose);
}

TEST(FaultPlanTest, ACutIsNeverAfterTheEndOfAShortAnswer) {
  const Plan plan = Streamed(R"({"fault":"S08","after":40})");
  EXPECT_EQ(EventsOf(plan).size(), 1u + 8u);
  EXPECT_EQ(plan.ending, Ending::kClose);
}

TEST(FaultPlanTest, ACutMayLookLikeAnEndToHttp) {
  const Plan close = Streamed(R"({"fault":"cut","after":1,"variant":"close"})");
  EXPECT_THAT(close.head, Not(HasSubstr("chunked")));
  EXPECT_EQ(close.ending, Ending::kClose);
  const Plan clean = Streamed(R"({"fault":"cut","after":1,"variant":"clean"})");
  EXPECT_THAT(TextOf(clean), EndsWith("0\r\n\r\n"));
  EXPECT_EQ(clean.ending, Ending::kKeepAlive);
  const Plan reset = Streamed(R"({"fault":"cut","after":1,"variant":"reset"})");
  EXPECT_EQ(reset.ending, Ending::kReset);
}

TEST(FaultPlanTest, AStallPausesAfterItsTokens) {
  const Plan plan = Streamed(R"({"fault":"S09","after":2,"ms":300})");
  ASSERT_EQ(plan.body.size(), 2u);
  EXPECT_EQ(plan.body[0].tokens, 2);
  EXPECT_EQ(plan.body[1].delay, absl::Milliseconds(300));
  EXPECT_EQ(plan.body[1].tokens, 6);
}

TEST(FaultPlanTest, AStallMayHaveHeartbeats) {
  const Plan plan =
      Streamed(R"({"fault":"S09","after":2,"ms":300,"heartbeat_ms":100})");
  ASSERT_EQ(plan.body.size(), 4u);
  EXPECT_THAT(plan.body[1].bytes, HasSubstr("\n: keep-alive\n\n"));
  EXPECT_EQ(LengthOf(plan), absl::Milliseconds(300));
  EXPECT_EQ(EventsOf(plan).back(), "[DONE]");
}

TEST(FaultPlanTest, AMalformedEventComesBetweenGoodOnes) {
  const auto events = EventsOf(Streamed(R"({"fault":"S10","after":2})"));
  ASSERT_EQ(events.size(), 12u);
  EXPECT_FALSE(ParseJson(events[3]).ok());
  EXPECT_TRUE(ParseJson(events[2]).ok());
  EXPECT_TRUE(ParseJson(events[4]).ok());
  EXPECT_FALSE(ParseJson(Whole(R"({"fault":"S10"})").body[0].bytes).ok());
}

TEST(FaultPlanTest, TheEndOfAStreamMayLackEitherSign) {
  const Plan no_done = Streamed(R"({"fault":"S11"})");
  EXPECT_THAT(TextOf(no_done), HasSubstr("\"finish_reason\":\"stop\""));
  EXPECT_THAT(TextOf(no_done), Not(HasSubstr("[DONE]")));
  const Plan no_finish = Streamed(R"({"fault":"S11b"})");
  EXPECT_THAT(TextOf(no_finish), Not(HasSubstr("\"stop\"")));
  EXPECT_EQ(EventsOf(no_finish).back(), "[DONE]");
}

TEST(FaultPlanTest, AnAnswerMayBeFilteredAtItsEnd) {
  EXPECT_THAT(TextOf(Streamed(R"({"fault":"S13b"})")),
              HasSubstr("\"finish_reason\":\"content_filter\""));
}

TEST(FaultPlanTest, OnlyAPrefillIsRejectedAsOne) {
  const Choice choice = Rules(R"({"fault":"S14"})");
  EXPECT_THAT(PlanFor(Question(true), choice).head, HasSubstr(" 200 OK"));
  ChatQuestion prefilled = Question(true);
  prefilled.prefilled = true;
  EXPECT_THAT(PlanFor(prefilled, choice).head, HasSubstr(" 400 Bad"));
}

TEST(FaultPlanTest, AFlappingUpstreamIsDownAndUpInTurn) {
  // Ten seconds have passed.
  EXPECT_THAT(Whole(R"({"fault":"S15","ms":11000})").head, HasSubstr(" 503 "));
  EXPECT_THAT(Whole(R"({"fault":"S15","ms":9000})").head, HasSubstr(" 200 "));
  EXPECT_THAT(Whole(R"({"fault":"S15","ms":5000,"up_ms":4000})").head,
              HasSubstr(" 503 "));
  EXPECT_THAT(Whole(R"({"fault":"S15","ms":3000,"up_ms":4000})").head,
              HasSubstr(" 200 "));
  EXPECT_EQ(Whole(R"({"fault":"S15","variant":"reset"})").ending,
            Ending::kReset);
}

TEST(FaultPlanTest, AStreamMayBeAnsweredInOneObject) {
  const Plan plan = Streamed(R"({"fault":"S16"})");
  EXPECT_THAT(plan.head, HasSubstr("application/json"));
  EXPECT_TRUE(ParseJson(plan.body[0].bytes).ok());
}

TEST(FaultPlanTest, AStreamMayEndInAnError) {
  const auto events =
      EventsOf(Streamed(R"({"fault":"stream_error","after":2})"));
  ASSERT_EQ(events.size(), 4u);
  EXPECT_THAT(events[3], StartsWith("{\"error\":{"));
  EXPECT_EQ(
      EventsOf(Streamed(R"({"fault":"stream_error","variant":"done"})")).back(),
      "[DONE]");
}

TEST(FaultPlanTest, AWholeAnswerCanBeCutOrStalledToo) {
  const std::string whole = TextOf(Whole(""));
  const Plan cut = Whole(R"({"fault":"cut"})");
  EXPECT_LT(TextOf(cut).size(), whole.size());
  EXPECT_EQ(cut.ending, Ending::kClose);
  const Plan stalled = Whole(R"({"fault":"stall","ms":200})");
  EXPECT_EQ(TextOf(stalled), whole);
  EXPECT_EQ(LengthOf(stalled), absl::Milliseconds(200));
}

TEST(FaultPlanTest, TheOddReplies) {
  EXPECT_THAT(Whole(R"({"fault":"redirect"})").head,
              HasSubstr("location: /v1/redirected\r\n"));
  EXPECT_THAT(TextOf(Whole(R"({"fault":"html_error"})")), HasSubstr("<html>"));
  EXPECT_THAT(Whole(R"({"fault":"empty_body"})").head,
              HasSubstr("content-length: 0\r\n"));
  EXPECT_GT(Whole(R"({"fault":"oversized_headers"})").head.size(), 256u << 10);
  EXPECT_THAT(TextOf(Whole(R"({"fault":"garbage"})")), Not(StartsWith("HTTP")));
  EXPECT_GT(TextOf(Whole(R"({"fault":"huge","megabytes":2})")).size(),
            2u << 20);
  EXPECT_THAT(TextOf(Whole(R"({"fault":"no_usage"})")),
              Not(HasSubstr("usage")));
}

TEST(FaultPlanTest, UnusualFormsSayTheSame) {
  EXPECT_THAT(TextOf(Streamed(R"({"fault":"crlf"})")),
              HasSubstr("data: [DONE]\r\n\r\n"));
  EXPECT_THAT(TextOf(Streamed(R"({"fault":"comments"})")),
              HasSubstr(": event follows\ndata: [DONE]\n"));
  EXPECT_THAT(TextOf(Streamed(R"({"fault":"split_data"})")),
              HasSubstr("data: {\ndata: \"id\":"));
  const Plan bytes = Streamed(R"({"fault":"tiny_writes"})");
  EXPECT_EQ(TextOf(bytes), TextOf(Streamed("")));
  EXPECT_EQ(bytes.body.size(), TextOf(bytes).size());
}

TEST(FaultPlanTest, AHugeAnswerIsNotSplitIntoBytes) {
  const Plan plan =
      Streamed(R"({"fault":"tiny_writes"},{"fault":"huge","megabytes":1})");
  EXPECT_GT(TextOf(plan).size(), 1u << 20);
  EXPECT_LE(plan.body.size(), 64u << 10);
}

TEST(FaultPlanTest, FaultsCombine) {
  const Plan plan = Streamed(R"({"fault":"crlf"},{"fault":"cut","after":1})");
  EXPECT_EQ(EventsOf(plan).size(), 2u);
  EXPECT_THAT(TextOf(plan), HasSubstr("\r\n\r\n"));
}

}  // namespace
}  // namespace holysheep::sim
