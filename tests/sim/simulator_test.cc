#include "sim/simulator.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "sim/json_reader.h"
#include "sim/plan_text.h"

namespace holysheep::sim {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kBody[] =
    R"({"model":"m","messages":[{"role":"user","content":"hi"}]})";

HttpRequest Request(const char* method, const char* path, std::string body) {
  HttpRequest request;
  request.method = method;
  request.path = path;
  request.body = std::move(body);
  return request;
}

class SimulatorTest : public testing::Test {
 protected:
  Plan Handle(HttpRequest request) {
    now_ += absl::Milliseconds(5);
    Reply reply = simulator_.Handle(request, now_);
    if (reply.recorded) simulator_.recorder().OnEnd(false, now_);
    return std::move(reply.plan);
  }
  Plan Chat() { return Handle(Request("POST", "/v1/chat/completions", kBody)); }
  Plan Control(const char* text) {
    return Handle(Request("POST", "/_sim/control", text));
  }
  rapidjson::Document State() {
    const Plan plan = Handle(Request("GET", "/_sim/state", ""));
    return *ParseJson(plan.body[0].bytes);
  }

  absl::Time now_ = absl::FromUnixSeconds(1'750'000'000);
  Simulator simulator_{Settings{}, now_};
};

TEST_F(SimulatorTest, CountsAndKeepsWhatCame) {
  Chat();
  HttpRequest request = Request("POST", "/v1/chat/completions", kBody);
  request.headers = {{"user-agent", "test"}};
  Handle(request);
  const rapidjson::Document state = State();
  EXPECT_EQ(state["requests"].GetInt(), 2);
  EXPECT_EQ(state["completed"].GetInt(), 2);
  EXPECT_EQ(state["in_flight"].GetInt(), 0);
  EXPECT_EQ(state["paths"]["/v1/chat/completions"].GetInt(), 2);
  EXPECT_EQ(state["arrivals_ms"][0].GetDouble(), 5);
  EXPECT_EQ(state["arrivals_ms"][1].GetDouble(), 10);
  EXPECT_EQ(state["last_end_unix_us"].GetInt64(),
            1'750'000'000'000'000 + 10'000);
  EXPECT_STREQ(state["last"]["body"].GetString(), kBody);
  EXPECT_STREQ(state["last"]["headers"]["user-agent"].GetString(), "test");
  EXPECT_STREQ(state["bodies"][1].GetString(), kBody);
}

TEST_F(SimulatorTest, KnowsTheMostRequestsAtOnce) {
  for (int i = 0; i < 3; ++i) {
    HttpRequest request = Request("POST", "/v1/chat/completions", kBody);
    simulator_.Handle(request, now_);
  }
  for (int i = 0; i < 3; ++i) simulator_.recorder().OnEnd(false, now_);
  EXPECT_EQ(State()["max_in_flight"].GetInt(), 3);
  EXPECT_EQ(State()["in_flight"].GetInt(), 0);
}

TEST_F(SimulatorTest, KeepsNoMoreThanItsBounds) {
  for (int i = 0; i < 1500; ++i) {
    Handle(Request("GET", ("/" + std::to_string(i)).c_str(),
                   std::string(100'000, 'a')));
  }
  const rapidjson::Document state = State();
  EXPECT_EQ(state["requests"].GetInt(), 1500);
  EXPECT_EQ(state["arrivals_ms"].Size(), Recorder::kArrivals);
  EXPECT_EQ(state["arrivals_ms"][999].GetDouble(), 1500 * 5);
  EXPECT_EQ(state["bodies"].Size(), Recorder::kBodies);
  EXPECT_EQ(state["bodies"][0].GetStringLength(), Recorder::kBodyBytes);
  EXPECT_EQ(state["paths"].MemberCount(), Recorder::kPaths);
}

TEST_F(SimulatorTest, ShowsOfAKeyOnlyItsHash) {
  HttpRequest request = Request("POST", "/v1/chat/completions", kBody);
  request.headers = {{"authorization", "Bearer sk-secret"}};
  Handle(request);
  const rapidjson::Document state = State();
  EXPECT_STREQ(state["last"]["auth"]["header"].GetString(), "authorization");
  EXPECT_EQ(state["last"]["auth"]["sha256"].GetString(),
            HexSha256("sk-secret"));
  const Plan plan = Handle(Request("GET", "/_sim/state", ""));
  EXPECT_THAT(TextOf(plan), Not(HasSubstr("sk-secret")));
}

TEST_F(SimulatorTest, LetsOnlyItsKeysIn) {
  Control(("{\"keys\":[\"" + HexSha256("sk-right") + "\"]}").c_str());
  EXPECT_THAT(Chat().head, HasSubstr(" 401 "));
  HttpRequest request = Request("POST", "/v1/chat/completions", kBody);
  request.headers = {{"authorization", "Bearer sk-wrong"}};
  EXPECT_THAT(Handle(request).head, HasSubstr(" 401 "));
  request.headers = {{"authorization", "Bearer sk-right"}};
  EXPECT_THAT(Handle(request).head, HasSubstr(" 200 "));
  request.headers = {{"x-api-key", "sk-right"}};
  EXPECT_THAT(Handle(request).head, HasSubstr(" 200 "));
}

TEST_F(SimulatorTest, ControlReplacesTheBehaviourAndResetBringsItBack) {
  Control(R"({"faults": [{"fault": "S04"}], "script": [{"fault": "S03"}]})");
  EXPECT_EQ(State()["script_left"].GetInt(), 1);
  EXPECT_THAT(Chat().head, HasSubstr(" 500 "));
  EXPECT_THAT(Chat().head, HasSubstr(" 503 "));
  EXPECT_EQ(State()["faults"]["unavailable"].GetInt(), 1);
  Control(R"({"answer": {"text": "scripted"}})");
  EXPECT_THAT(TextOf(Chat()), HasSubstr("scripted"));
  Handle(Request("POST", "/_sim/reset", ""));
  EXPECT_THAT(TextOf(Chat()), HasSubstr("You said: hi"));
  EXPECT_EQ(State()["requests"].GetInt(), 1);
}

TEST_F(SimulatorTest, ABadControlMessageChangesNothing) {
  Control(R"({"answer": {"text": "scripted"}})");
  EXPECT_THAT(Control(R"({"answers": {}})").head, HasSubstr(" 400 "));
  EXPECT_THAT(TextOf(Chat()), HasSubstr("scripted"));
}

TEST_F(SimulatorTest, ARuleMayHaveItsOwnAnswer) {
  Control(R"({"answer": {"text": "all"},
              "script": [{"ok": true, "answer": {"text": "first"}}]})");
  EXPECT_THAT(TextOf(Chat()), HasSubstr("first"));
  EXPECT_THAT(TextOf(Chat()), HasSubstr("all"));
}

TEST_F(SimulatorTest, TheSameSeedDrawsTheSameLatencies) {
  constexpr char kControl[] =
      R"({"latency": {"profile": "published"}, "seed": 7})";
  Control(kControl);
  const absl::Duration first = Chat().delay;
  const absl::Duration second = Chat().delay;
  EXPECT_NE(first, second);
  Control(kControl);
  EXPECT_EQ(Chat().delay, first);
  EXPECT_EQ(Chat().delay, second);
}

TEST_F(SimulatorTest, EveryRequestHasItsOwnId) {
  EXPECT_THAT(Chat().head, HasSubstr("x-request-id: req-1\r\n"));
  EXPECT_THAT(Chat().head, HasSubstr("x-request-id: req-2\r\n"));
}

TEST_F(SimulatorTest, WhatIsNoneOfItsPathsIsRefused) {
  EXPECT_THAT(Handle(Request("GET", "/", "")).head,
              StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(Handle(Request("GET", "/v1/chat/completions", "")).head,
              StartsWith("HTTP/1.1 405 "));
  EXPECT_THAT(Handle(Request("POST", "/v1/chat/completions", "{")).head,
              StartsWith("HTTP/1.1 400 "));
  EXPECT_THAT(Handle(Request("GET", "/_sim/control", "")).head,
              StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(TextOf(Handle(Request("GET", "/v1/models", ""))),
              HasSubstr("deepseek-v3.2"));
}

}  // namespace
}  // namespace holysheep::sim
