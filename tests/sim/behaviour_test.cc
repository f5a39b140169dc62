#include "sim/behaviour.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/json_reader.h"
#include "sim/plan_text.h"

namespace holysheep::sim {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

Settings Scripted(const char* control) {
  absl::StatusOr<Settings> settings = ParseControl(control, {});
  EXPECT_TRUE(settings.ok()) << settings.status();
  return *settings;
}

TEST(BehaviourTest, EchoesThePromptInOneJsonObject) {
  const Plan plan = PlanFor(Question(false), {});
  EXPECT_THAT(plan.head, HasSubstr("HTTP/1.1 200 OK\r\n"));
  EXPECT_THAT(plan.head, HasSubstr("x-request-id: req-1\r\n"));
  ASSERT_EQ(plan.body.size(), 1u);
  const auto json = ParseJson(plan.body[0].bytes);
  ASSERT_TRUE(json.ok()) << json.status();
  EXPECT_STREQ((*json)["choices"][0]["message"]["content"].GetString(),
               "You said: a b c d e f");
  EXPECT_STREQ((*json)["model"].GetString(), "gpt-4.1");
  EXPECT_EQ((*json)["usage"]["total_tokens"].GetInt(), 6 + 8);
}

TEST(BehaviourTest, AStreamHasAWordAnEventAndEndsWithDone) {
  const Plan plan = PlanFor(Question(true), {});
  const auto events = EventsOf(plan);
  // The role, eight words, the finish reason and [DONE].
  ASSERT_EQ(events.size(), 11u);
  EXPECT_THAT(events[1], HasSubstr(R"("delta":{"content":"You"})"));
  EXPECT_THAT(events[2], HasSubstr(R"("delta":{"content":" said:"})"));
  EXPECT_THAT(events[9], HasSubstr(R"("finish_reason":"stop")"));
  EXPECT_EQ(events[10], "[DONE]");
  EXPECT_THAT(TextOf(plan), Not(HasSubstr("usage")));
  EXPECT_EQ(plan.ending, Ending::kKeepAlive);
}

TEST(BehaviourTest, EventsAreSentAsTheyAre) {
  const Settings settings =
      Scripted(R"({"answer": {"events": ["ping", "{\"x\":1}", "[DONE]"]}})");
  EXPECT_THAT(EventsOf(PlanFor(Question(true), {}, settings)),
              ElementsAre("ping", R"({"x":1})", "[DONE]"));
}

TEST(BehaviourTest, WithoutPausesAStreamIsOneWrite) {
  const Plan plan = PlanFor(Question(true), {});
  ASSERT_EQ(plan.body.size(), 1u);
  EXPECT_EQ(plan.body[0].tokens, 8);
}

TEST(BehaviourTest, UsageComesInTheStreamWhenAskedFor) {
  ChatQuestion question = Question(true);
  question.include_usage = true;
  const auto events = EventsOf(PlanFor(question, {}));
  EXPECT_THAT(events[10], HasSubstr(R"("choices":[],"usage":{"prompt)"));
}

TEST(BehaviourTest, TheSameQuestionHasTheSameAnswer) {
  EXPECT_EQ(TextOf(PlanFor(Question(true), {})),
            TextOf(PlanFor(Question(true), {})));
}

TEST(BehaviourTest, MaxTokensCutsTheEcho) {
  ChatQuestion question = Question(false);
  question.max_tokens = 3;
  EXPECT_THAT(TextOf(PlanFor(question, {})),
              HasSubstr(R"("content":"You said: a")"));
  EXPECT_THAT(TextOf(PlanFor(question, {})),
              HasSubstr(R"("finish_reason":"length")"));
}

TEST(BehaviourTest, JsonModeAnswersJson) {
  ChatQuestion question = Question(false);
  question.json_mode = true;
  EXPECT_THAT(TextOf(PlanFor(question, {})),
              HasSubstr(R"("content":"{\"answer\":\"ok\"}")"));
}

TEST(BehaviourTest, AScriptedAnswerComesAsWritten) {
  const Settings settings = Scripted(R"({"answer": {
      "chunks": ["one", "two"], "reasoning": ["hm"], "refusal": "no",
      "tool_calls": [{"id": "c1", "name": "f", "fragments": ["{\"a\"", ":1}"]}],
      "model": "m", "system_fingerprint": "fp", "cached_tokens": 3}})");
  const auto events = EventsOf(PlanFor(Question(true), {}, settings));
  ASSERT_EQ(events.size(), 9u);
  EXPECT_THAT(events[1], HasSubstr(R"({"reasoning_content":"hm"})"));
  EXPECT_THAT(events[2], HasSubstr(R"({"content":"one"})"));
  EXPECT_THAT(events[3], HasSubstr(R"({"content":"two"})"));
  EXPECT_THAT(events[4], HasSubstr(R"({"refusal":"no"})"));
  EXPECT_THAT(events[5],
              HasSubstr(R"({"tool_calls":[{"index":0,"id":"c1","type":)"
                        R"("function","function":{"name":"f","arguments":)"
                        R"("{\"a\""}}]})"));
  EXPECT_THAT(events[6], HasSubstr(R"("function":{"arguments":":1}"}}]})"));
  EXPECT_THAT(events[7], HasSubstr(R"("finish_reason":"tool_calls")"));
  const std::string whole = TextOf(PlanFor(Question(false), {}, settings));
  EXPECT_THAT(whole, HasSubstr(R"("content":"onetwo")"));
  EXPECT_THAT(whole, HasSubstr(R"("arguments":"{\"a\":1}")"));
  EXPECT_THAT(whole, HasSubstr(R"("cached_tokens":3)"));
  EXPECT_THAT(whole, HasSubstr(R"("model":"m","system_fingerprint":"fp")"));
}

TEST(BehaviourTest, ScriptedUsageIsTakenAsItIs) {
  const Settings given = Scripted(
      R"({"answer": {"text": "x", "usage": {"prompt_tokens": 0,
          "completion_tokens": 7, "total_tokens": 9}}})");
  EXPECT_THAT(TextOf(PlanFor(Question(false), {}, given)),
              HasSubstr(R"("prompt_tokens":0,"completion_tokens":7,)"
                        R"("total_tokens":9)"));
  const Settings none = Scripted(R"({"answer": {"text": "x", "usage": null}})");
  EXPECT_THAT(TextOf(PlanFor(Question(false), {}, none)),
              Not(HasSubstr("usage")));
}

TEST(BehaviourTest, TokensComeAtTheirPace) {
  const Settings settings = Scripted(
      R"({"latency": {"constant_ms": 5}, "first_token_ms": 100,
          "token_ms": 20, "tokens": 3})");
  const Plan stream = PlanFor(Question(true), {}, settings);
  EXPECT_EQ(stream.delay, absl::Milliseconds(5));
  // The role at once, then the tokens; the end together with the last.
  ASSERT_EQ(stream.body.size(), 4u);
  EXPECT_EQ(stream.body[0].delay, absl::ZeroDuration());
  EXPECT_EQ(stream.body[1].delay, absl::Milliseconds(100));
  EXPECT_EQ(stream.body[2].delay, absl::Milliseconds(20));
  EXPECT_EQ(stream.body[3].delay, absl::Milliseconds(20));
  EXPECT_THAT(stream.body[3].bytes, HasSubstr("[DONE]"));
  // A whole answer takes as long as the stream.
  const Plan whole = PlanFor(Question(false), {}, settings);
  EXPECT_EQ(whole.delay, LengthOf(stream));
}

TEST(BehaviourTest, AnHttp10ClientGetsNoChunks) {
  const Settings settings;
  const Choice choice;
  const Plan plan = PlanChat(Question(true), {.settings = settings,
                                              .choice = choice,
                                              .latency = {},
                                              .now = {},
                                              .since = {},
                                              .request_id = {},
                                              .chunked = false});
  EXPECT_THAT(plan.head, Not(HasSubstr("chunked")));
  EXPECT_EQ(plan.ending, Ending::kClose);
}

TEST(ChatQuestionTest, ReadsWhatTheAnswerDependsOn) {
  const auto question = ParseChatQuestion(R"({"model": "m", "stream": true,
      "stream_options": {"include_usage": true}, "max_tokens": 9,
      "response_format": {"type": "json_schema"}, "messages": [
      {"role": "system", "content": "be brief"},
      {"role": "user", "content": [{"type": "text", "text": "hello"},
                                   {"type": "image_url", "image_url": {}}]},
      {"role": "assistant", "content": "well,"}]})");
  ASSERT_TRUE(question.ok()) << question.status();
  EXPECT_EQ(question->model, "m");
  EXPECT_EQ(question->prompt, "hello");
  EXPECT_EQ(question->prompt_tokens, 4);
  EXPECT_EQ(question->max_tokens, 9);
  EXPECT_TRUE(question->stream);
  EXPECT_TRUE(question->include_usage);
  EXPECT_TRUE(question->json_mode);
  EXPECT_TRUE(question->prefilled);
}

TEST(ChatQuestionTest, RefusesWhatAnUpstreamWould) {
  EXPECT_FALSE(ParseChatQuestion("").ok());
  EXPECT_FALSE(ParseChatQuestion("[]").ok());
  EXPECT_FALSE(ParseChatQuestion(R"({"model": "m"})").ok());
  EXPECT_FALSE(ParseChatQuestion(R"({"model": "m", "messages": []})").ok());
  EXPECT_FALSE(ParseChatQuestion(R"({"messages": [{}]})").ok());
  EXPECT_FALSE(ParseChatQuestion(std::string(1'000'000, '[')).ok());
}

TEST(AnswerTest, WordsKeepTheirBlanks) {
  EXPECT_THAT(SplitWords("a  b\nc "), ElementsAre("a", "  b", "\nc", " "));
  EXPECT_THAT(SplitWords(""), ElementsAre());
}

}  // namespace
}  // namespace holysheep::sim
