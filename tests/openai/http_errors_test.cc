#include "openai/http_errors.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"
#include "openai/clean_message.h"

namespace holysheep {
namespace {

using testing::HasSubstr;
using testing::Not;

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);
constexpr char kKey[] = "hs-live-0123456789abcdefghij";

absl::Status FromHttp(int status, absl::string_view body,
                      const HttpHeaders& headers = {}) {
  return StatusFromHttp({status, headers, body, kNow, kKey});
}

std::string Text(const absl::Status& status) {
  return std::string(status.message());
}

struct Case {
  int http;
  std::string body;
  Reason reason;
};

TEST(HttpErrorsTest, EveryRefusalHasItsReason) {
  const Case cases[] = {
      {300, "", Reason::kUpstreamMalformed},
      {301, "", Reason::kUpstreamConnect},
      {304, "", Reason::kUpstreamConnect},
      {308, "", Reason::kUpstreamConnect},
      {400, R"({"error":{"message":"bad temperature"}})",
       Reason::kInvalidArgument},
      {400,
       R"({"error":{"code":"context_length_exceeded","message":"too long"}})",
       Reason::kContextLength},
      {400,
       R"({"error":{"message":"This model's maximum context length is 8192"}})",
       Reason::kContextLength},
      {413, R"({"error":{"message":"prompt is too long: 300000 tokens"}})",
       Reason::kContextLength},
      {413, "<html>too large</html>", Reason::kInvalidArgument},
      {422, R"({"detail":"Please reduce the length of the messages"})",
       Reason::kContextLength},
      {400, R"({"error":{"code":"content_filter","message":"filtered"}})",
       Reason::kContentFilter},
      {400, R"({"error":{"type":"content_policy_violation"}})",
       Reason::kContentFilter},
      {403, R"({"error":{"code":"content_filter"}})", Reason::kContentFilter},
      {400, R"({"error":{"message":"Model Not Exist"}})",
       Reason::kModelNotFound},
      {400, R"([{"error":{"code":400,"message":"API key not valid."}}])",
       Reason::kUpstreamAuth},
      {401, R"({"error":{"message":"no"}})", Reason::kUpstreamAuth},
      {402, R"({"error":{"message":"Insufficient Balance"}})",
       Reason::kUpstreamQuota},
      {403, "", Reason::kUpstreamAuth},
      {404, R"({"error":{"code":"model_not_found"}})", Reason::kModelNotFound},
      {404, "<html>nginx</html>", Reason::kModelNotFound},
      {408, "", Reason::kUpstream5xx},
      {409, "", Reason::kUpstream5xx},
      {418, "", Reason::kInvalidArgument},
      {425, "", Reason::kUpstream5xx},
      {429, "", Reason::kRateLimitedUpstream},
      {429, R"({"error":{"code":"insufficient_quota"}})",
       Reason::kUpstreamQuota},
      {500, R"({"error":{"message":"model_not_found"}})",
       Reason::kModelNotFound},
      {502, "<html>", Reason::kUpstream5xx},
      {529, R"({"error":{"type":"overloaded_error"}})", Reason::kUpstream5xx},
      {600, "", Reason::kUpstreamMalformed},
  };
  for (const Case& c : cases) {
    const absl::Status status = FromHttp(c.http, c.body);
    EXPECT_EQ(ReasonName(ReasonOf(status)), ReasonName(c.reason))
        << c.http << " " << c.body;
    EXPECT_EQ(DetailsOf(status).http_status, c.http);
  }
}

TEST(HttpErrorsTest, TheUpstreamsWordsAreKept) {
  EXPECT_EQ(Text(FromHttp(400, R"({"error":{"message":"top_k: too big"}})")),
            "the upstream refuses the request (HTTP 400): top_k: too big");
  EXPECT_THAT(Text(FromHttp(500, R"({"error":"oops"})")), HasSubstr(": oops"));
  EXPECT_THAT(Text(FromHttp(500, R"({"detail":"d"})")), HasSubstr(": d"));
  EXPECT_THAT(Text(FromHttp(500, "plain words")), HasSubstr(": plain words"));
  EXPECT_EQ(Text(FromHttp(502, "<html>x</html>")),
            "the upstream failed (HTTP 502): x");
  EXPECT_THAT(Text(FromHttp(307, "")), HasSubstr("not followed"));
  EXPECT_THAT(Text(FromHttp(404, "")), HasSubstr("upstream.base_url"));
}

TEST(HttpErrorsTest, TheUpstreamsLimitIsNamedAsTheUpstreams) {
  EXPECT_EQ(DetailsOf(FromHttp(429, "")).subject, "upstream");
  EXPECT_EQ(DetailsOf(FromHttp(402, "")).subject, "upstream");
  EXPECT_EQ(DetailsOf(FromHttp(402, "")).limit, "quota");
}

TEST(HttpErrorsTest, ARedirectIsNotTriedAgain) {
  EXPECT_TRUE(DetailsOf(FromHttp(301, "")).lasting);
  EXPECT_FALSE(DetailsOf(FromHttp(503, "")).lasting);
}

struct RetryCase {
  HttpHeaders headers;
  std::optional<absl::Duration> wait;
};

TEST(HttpErrorsTest, EveryWayToSayWhenToRetryIsUnderstood) {
  const RetryCase cases[] = {
      {{}, std::nullopt},
      {{{"retry-after", "7"}}, absl::Seconds(7)},
      {{{"retry-after", "0.25"}}, absl::Milliseconds(250)},
      {{{"retry-after", "0"}}, std::nullopt},
      {{{"retry-after-ms", "0"}, {"retry-after", "9"}}, std::nullopt},
      {{{"retry-after", "2s"}}, absl::Seconds(2)},
      {{{"retry-after", "1e300"}}, absl::Hours(24)},
      {{{"retry-after", "1e308"}}, absl::Hours(24)},
      {{{"retry-after", "-3"}}, std::nullopt},
      {{{"retry-after", "nan"}}, std::nullopt},
      {{{"retry-after", "inf"}}, absl::Hours(24)},
      {{{"retry-after", "soon"}}, std::nullopt},
      {{{"retry-after", "Fri, 15 Jan 2027 08:00:30 GMT"}}, absl::Seconds(30)},
      {{{"retry-after", "Fri, 15 Jan 2027 07:00:00 GMT"}}, std::nullopt},
      {{{"retry-after", "Fri, 15 Jan 2027 08:00:30 UTC"}}, absl::Seconds(30)},
      {{{"retry-after", "Fri, 15 Jan 2027 08:00:30 +0000"}}, absl::Seconds(30)},
      {{{"retry-after", "Friday, 15-Jan-27 08:00:30 GMT"}}, absl::Seconds(30)},
      {{{"retry-after", "Fri Jan 15 08:00:30 2027"}}, absl::Seconds(30)},
      {{{"retry-after", "2027-01-15T08:00:30Z"}}, absl::Seconds(30)},
      {{{"retry-after", "2027-01-15T09:00:30+01:00"}}, absl::Seconds(30)},
      {{{"anthropic-ratelimit-tokens-reset", "2027-01-15T08:00:07Z"}},
       absl::Seconds(7)},
      {{{"anthropic-ratelimit-requests-reset", "2027-01-15T08:00:09Z"},
        {"anthropic-ratelimit-requests-remaining", "3"}},
       std::nullopt},
      {{{"x-ratelimit-reset-tokens", "0s"}}, std::nullopt},
      {{{"x-ratelimit-reset-requests", "1h2m3.5s"}}, absl::Seconds(3723.5)},
      {{{"retry-after-ms", "1500"}, {"retry-after", "9"}},
       absl::Milliseconds(1500)},
      {{{"x-ratelimit-reset-requests", "1m30s"}}, absl::Seconds(90)},
      {{{"x-ratelimit-reset-requests", "1s"},
        {"x-ratelimit-reset-tokens", "20ms"}},
       absl::Seconds(1)},
      {{{"x-ratelimit-reset-requests", "50s"},
        {"x-ratelimit-remaining-requests", "12"},
        {"x-ratelimit-reset-tokens", "2s"},
        {"x-ratelimit-remaining-tokens", "0"}},
       absl::Seconds(2)},
      {{{"x-ratelimit-reset-tokens-minute", "11.5"},
        {"x-ratelimit-reset-requests-day", "33011.4"},
        {"x-ratelimit-remaining-requests-day", "20"}},
       absl::Seconds(11.5)},
      {{{"anthropic-ratelimit-priority-input-tokens-reset",
         "2027-01-15T08:00:08Z"}},
       absl::Seconds(8)},
      {{{"ratelimit-reset", "12"}}, absl::Seconds(12)},
      {{{"retry-after-ms", "1500ms"}}, absl::Milliseconds(1500)},
      {{{"retry-after", "Fri, 15 Jan 2027 08:00:30 gmt"}}, absl::Seconds(30)},
      {{{"retry-after", "Fri, 15 Jan 2027 10:00:30 +0200"}}, absl::Seconds(30)},
      {{{"x-ratelimit-reset", "1800000005"}}, absl::Seconds(5)},
      {{{"x-ratelimit-reset", "1800000005000"}}, absl::Seconds(5)},
  };
  for (const RetryCase& c : cases) {
    EXPECT_EQ(DetailsOf(FromHttp(429, "", c.headers)).retry_after, c.wait)
        << (c.headers.empty() ? "" : c.headers[0].second);
    EXPECT_EQ(DetailsOf(FromHttp(503, "", c.headers)).retry_after, c.wait);
    EXPECT_EQ(DetailsOf(FromHttp(400, "", c.headers)).retry_after,
              std::nullopt);
  }
}

TEST(HttpErrorsTest, TheKeyIsNeverShown) {
  for (const std::string& said :
       {absl::StrCat("bad key ", kKey, "!"), absl::StrCat("Bearer ", kKey),
        std::string("Incorrect API key provided: hs-live-0****ghij."),
        std::string("Incorrect API key provided: sk-proj-abcdef123456"),
        std::string("key ab***yz is wrong")}) {
    const absl::Status status =
        FromHttp(401, absl::StrCat(R"({"error":{"message":")", said, R"("}})"));
    EXPECT_THAT(Text(status), HasSubstr("[key]"));
    EXPECT_THAT(Text(status), Not(HasSubstr("hs-live")));
    EXPECT_THAT(Text(status), Not(HasSubstr("sk-")));
    EXPECT_THAT(Text(status), Not(HasSubstr("ghij")));
    EXPECT_THAT(Text(status), Not(HasSubstr("***")));
  }
}

TEST(HttpErrorsTest, AKeyWithBytesThatEndAWordIsHiddenWhole) {
  EXPECT_EQ(CleanMessage("key=a!b c,d!e f is wrong", "a!b c,d!e f"),
            "[key] is wrong");
  EXPECT_EQ(CleanMessage("key a!b c,d!e f is wrong", "a!b c,d!e f"),
            "key [key] is wrong");
}

TEST(HttpErrorsTest, AMessageIsOneShortLineOfValidUtf8) {
  EXPECT_EQ(CleanMessage(" a\r\n\tb\x01", ""), "a   b");
  EXPECT_EQ(CleanMessage("caf\xc3\xa9 \xff\xc3", ""), "caf\xc3\xa9 ??");
  EXPECT_LE(CleanMessage(std::string(100'000, 'x'), "").size(), 500u);
  std::string euros;
  for (int i = 0; i < 400; ++i) euros += "\xe2\x82\xac";
  EXPECT_EQ(CleanMessage(euros, "").size() % 3, 0u);
}

struct StreamCase {
  std::string json;
  Reason reason;
};

TEST(HttpErrorsTest, AnErrorInsideAnAnswerHasItsReasonToo) {
  const StreamCase cases[] = {
      {R"({"error":{"message":"x","type":"server_error"}})",
       Reason::kUpstream5xx},
      {R"({"error":"overloaded"})", Reason::kUpstream5xx},
      {R"({"error":{"code":429,"message":"slow"}})",
       Reason::kRateLimitedUpstream},
      {R"({"error":{"code":502,"message":"bad gateway"}})",
       Reason::kUpstream5xx},
      {R"({"error":{"code":"rate_limit_exceeded"}})",
       Reason::kRateLimitedUpstream},
      {R"({"error":{"code":"context_length_exceeded"}})",
       Reason::kContextLength},
      {R"({"error":{"code":"content_filter"}})", Reason::kContentFilter},
      {R"({"error":{"type":"invalid_request_error","message":"no"}})",
       Reason::kInvalidArgument},
  };
  for (const StreamCase& c : cases) {
    EXPECT_EQ(ReasonName(ReasonOf(StatusFromErrorJson(c.json, kKey))),
              ReasonName(c.reason))
        << c.json;
  }
}

TEST(HttpErrorsTest, ARefusedParameterIsNamedAt400And422) {
  const pb::InvokeRequest request;
  const auto refused = [&request](int status, absl::string_view body) {
    const HttpHeaders headers;
    return DetailsOf(
               StatusFromHttp({status, headers, body, kNow, kKey, &request}))
        .refused;
  };
  const absl::string_view body =
      R"({"error":{"message":"stream_options is not supported"}})";
  EXPECT_EQ(refused(400, body), "stream_options");
  EXPECT_EQ(refused(422, body), "stream_options");
  EXPECT_EQ(refused(403, body), "");
  EXPECT_EQ(refused(500, body), "");
  EXPECT_EQ(refused(400, R"({"error":{"message":"prompt is too long; top_p is )"
                         R"(not supported"}})"),
            "")
      << "another reason";
}

}  // namespace
}  // namespace holysheep
