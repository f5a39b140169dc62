#include "openai/request_echo.h"

#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

TEST(RequestEchoTest, WhatTheUpstreamRepeatsOfTheRequestIsLeftOut) {
  pb::InvokeRequest request;
  request.set_query("What is a Maximum Context  Length?");
  EXPECT_EQ(WithoutEcho("bad input: what is a maximum context length? twice: "
                        "what is a maximum conte...",
                        request),
            "bad input:   twice:  ...");
}

TEST(RequestEchoTest, SystemPromptsAndTheLastMessagesCountToo) {
  pb::InvokeRequest request;
  request.set_system_prompt("insufficient balance means the end");
  for (int i = 0; i < 9; ++i) {
    request.add_messages()->add_parts()->set_text(
        i == 0 ? "the first message" : "the later messages");
  }
  EXPECT_EQ(WithoutEcho("insufficient balance, the first message, the later "
                        "messages",
                        request),
            " , the first message,  ");
}

TEST(RequestEchoTest, ShortTextsAndOtherWordsStay) {
  pb::InvokeRequest request;
  request.set_query("context");
  EXPECT_EQ(WithoutEcho("maximum context length", request),
            "maximum context length");
}

}  // namespace
}  // namespace holysheep
