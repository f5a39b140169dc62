#include "openai/error_words.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "http/retry_after.h"

namespace holysheep {
namespace {

using testing::HasSubstr;

TEST(ErrorWordsTest, TheUpstreamsWordsAreFoundInEveryShape) {
  const std::pair<absl::string_view, absl::string_view> cases[] = {
      {R"({"error":{"message":"boom","type":"t"}})", "boom"},
      {R"({"error":"boom"})", "boom"},
      {R"({"error":"invalid_request","message":"boom"})",
       "boom; invalid_request"},
      {R"([{"error":{"message":"boom"}}])", "boom"},
      {R"({"detail":"boom"})", "boom"},
      {R"({"detail":[{"loc":["body","messages",0],"msg":"boom"}]})",
       "body.messages.0: boom"},
      {R"({"errors":["boom",{"message":"bang"}]})", "boom; bang"},
      {R"({"code":1302,"msg":"boom","success":false})", "boom"},
      {R"({"object":"error","message":"boom","code":500})", "boom"},
      {R"({"base_resp":{"status_code":1008,"status_msg":"boom"}})", "boom"},
      {R"({"error":{"message":"Provider returned error","metadata":)"
       R"({"raw":"{\"error\":{\"message\":\"boom\"}}","provider_name":"X"}}})",
       "Provider returned error; boom"},
      {R"({"error":{"message":"{\"error\":{\"message\":\"boom\"}}"}})", "boom"},
      {R"(Error 400: {"error":{"message":"boom"}})", "Error 400:; boom"},
      {R"({"choices":[{"error":{"code":502,"message":"boom"}}]})", "boom"},
      {R"({"type":"response.failed","response":{"error":{"message":"boom"}}})",
       "boom"},
      {"boom", "boom"},
      {R"("boom")", "boom"},
      {R"({"error":{"code":"boom"}})", R"({"error":{"code":"boom"}})"},
      {R"({"x":"boom"})", R"({"x":"boom"})"},
      {"\n<!doctype html><title>boom</title>", "boom"},
      {"<?xml version=\"1.0\"?><Error><Message>boom</Message></Error>", "boom"},
      {"<html>", ""},
      {"{}", ""},
      {"", ""},
  };
  for (const auto& [body, message] : cases) {
    EXPECT_EQ(ReadErrorWords(body).message, message) << body;
  }
}

TEST(ErrorWordsTest, ACodeIsAStatusWhereItCanBeOne) {
  EXPECT_EQ(ReadErrorWords(R"({"error":{"code":429}})").numeric_code, 429);
  EXPECT_EQ(ReadErrorWords(R"({"error":{"code":"503"}})").numeric_code, 503);
  EXPECT_EQ(ReadErrorWords(R"({"code":1302,"msg":"m"})").numeric_code, 0);
  EXPECT_THAT(ReadErrorWords(R"({"error":{"code":"Ab_C","type":"T"}})").search,
              HasSubstr("ab_c t"));
}

TEST(ErrorWordsTest, WhatIsQuotedIsNoWordOfTheUpstreams) {
  EXPECT_EQ(WithoutQuotes("Model 'a b' is \"c d\", `e` and \u201cf g\u201d."),
            "model is , and .");
  EXPECT_EQ(WithoutQuotes("This model's limit isn't the users' one"),
            "this model's limit isn't the users' one");
  EXPECT_EQ(
      WithoutQuotes(R"({'error': {'message': "It's long", 'code': 'c'}})"),
      "{ : { : it's long , : c }}");
  EXPECT_EQ(WithoutQuotes(R"(a "b \" c" d)"), "a d");
  EXPECT_EQ(WithoutQuotes("an \"open end"), "an \"open end");
}

TEST(ErrorWordsTest, MuchOfEverythingIsCut) {
  std::string many = R"({"errors":[)";
  for (int i = 0; i < 1000; ++i) absl::StrAppend(&many, "\"", i, "\",");
  many += "\"x\"]}";
  EXPECT_EQ(ReadErrorWords(many).message, "0; 1; 2; 3; 4; 5; 6; 7");
  const std::string open(60'000, '\'');
  EXPECT_LE(ReadErrorWords(open).search.size(), 20'000u);
  std::string deep = "m";
  for (int i = 0; i < 40; ++i) deep = absl::StrCat("{\"error\":", deep, "}");
  ReadErrorWords(deep);
  ReadErrorWords(std::string(60'000, '{') + std::string(60'000, '}'));
}

TEST(ErrorWordsTest, AWaitIsReadFromTheBody) {
  const std::pair<absl::string_view, absl::Duration> cases[] = {
      {R"({"error":{"message":"m","details":[{"@type":"RetryInfo",)"
       R"("retryDelay":"1.2s"}]}})",
       absl::Seconds(1.2)},
      {R"({"error":{"message":"m","retryDelay":{"seconds":"3","nanos":5e8}}})",
       absl::Seconds(3.5)},
      {R"({"detail":"Rate limited. Retry-After: 11"})", absl::Seconds(11)},
      {R"({"detail":"wait for 12 seconds"})", absl::Seconds(12)},
      {R"({"detail":"retry your request after 15 seconds"})",
       absl::Seconds(15)},
      {R"({"detail":"the limit will be reset in 14s"})", absl::Seconds(14)},
      {R"({"detail":"try again in 1 minute and 5 seconds"})",
       absl::Seconds(65)},
      {R"({"error":{"message":"Please try again in 20s."}})",
       absl::Seconds(20)},
      {R"({"error":{"message":"Please retry in 36.837s."}})",
       absl::Seconds(36.837)},
      {R"({"error":{"message":"Try again in 6m0s. Visit"}})", absl::Minutes(6)},
      {R"({"error":{"message":"try again in 320ms"}})",
       absl::Milliseconds(320)},
      {R"({"detail":"Please retry after 6 seconds."})", absl::Seconds(6)},
      {R"({"detail":"try again in 1 hour and more"})", absl::Hours(1)},
      {R"({"detail":"try again in 1h2m3s"})", absl::Seconds(3723)},
      {R"({"detail":"retry after 99999999999 days"})", absl::Hours(24)},
  };
  for (const auto& [body, wait] : cases) {
    EXPECT_EQ(ReadErrorWords(body).wait, wait) << body;
  }
  for (const absl::string_view body :
       {R"({"detail":"try again in 0s"})", R"({"detail":"try again in vain"})",
        R"({"detail":"he said 'try again in 5s'"})", R"({"detail":"soon"})"}) {
    EXPECT_EQ(ReadErrorWords(body).wait, std::nullopt) << body;
  }
}

}  // namespace
}  // namespace holysheep
