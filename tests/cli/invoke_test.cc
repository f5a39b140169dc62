#include "cli/commands/invoke.h"

#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "absl/synchronization/notification.h"
#include "cli/events.h"
#include "cli/fake_node.h"
#include "cli/program_run.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::Duration kLong = absl::Seconds(30);

class InvokeTest : public ::testing::Test {
 protected:
  InvokeTest() { run_.Use(node_.address()); }

  // Streams `pieces` and a final event with their whole text.
  void AnswerWith(std::vector<std::string> pieces) {
    node_.invoke_stream = [pieces](const FakeNode::Send& send) {
      std::string whole;
      for (const std::string& piece : pieces) {
        send(Text(piece));
        whole += piece;
      }
      send(Final(Answer(whole)));
      return grpc::Status::OK;
    };
  }

  // The node's threads may use these until it is gone.
  absl::Notification seen_;
  absl::Notification ended_;
  ProgramRun run_;
  FakeNode node_;
};

TEST_F(InvokeTest, PrintsTheAnswerAndALineAboutIt) {
  AnswerWith({"Hal", "lo"});
  EXPECT_EQ(run_({"invoke", "Say", "hello"}), kExitOk);
  EXPECT_EQ(run_.out, "Hallo\n");
  EXPECT_EQ(run_.err,
            "deepseek-v3.2 | 1,234 tokens | 0.0005 USD | saved 0.0029 USD | "
            "42.3 ms\n");
  EXPECT_EQ(node_.request().query(), "Say hello");
}

TEST_F(InvokeTest, ShowsEachPieceBeforeTheNextOneComes) {
  run_.out_buffer.on_flush = [this](const std::string& text) {
    if (text == "one" && !seen_.HasBeenNotified()) seen_.Notify();
  };
  node_.invoke_stream = [this](const FakeNode::Send& send) {
    send(Text("one"));
    if (!seen_.WaitForNotificationWithTimeout(kLong)) {
      return grpc::Status(grpc::StatusCode::ABORTED, "nobody saw it");
    }
    send(Text(" two"));
    send(Final(Answer("one two")));
    return grpc::Status::OK;
  };
  EXPECT_EQ(run_({"invoke", "hi"}), kExitOk) << run_.err;
  EXPECT_EQ(run_.out, "one two\n");
}

TEST_F(InvokeTest, FlagsBecomeTheRequest) {
  AnswerWith({"x"});
  run_({"invoke",        "hi",
        "--model",       "gpt-4.1",
        "--system",      "Be brief",
        "--temperature", "0",
        "--top-p",       "0.5",
        "--max-tokens",  "7",
        "--cache",       "only-if-cached",
        "--namespace",   "team",
        "--tag",         "draft",
        "--tag",         "fr"});
  const pb::InvokeRequest request = node_.request();
  EXPECT_EQ(request.model(), "gpt-4.1");
  EXPECT_EQ(request.system_prompt(), "Be brief");
  EXPECT_TRUE(request.has_temperature());
  EXPECT_EQ(request.temperature(), 0);
  EXPECT_EQ(request.top_p(), 0.5);
  EXPECT_EQ(request.max_tokens(), 7);
  EXPECT_EQ(request.cache().mode(), pb::CacheControl::ONLY_IF_CACHED);
  EXPECT_EQ(request.cache().namespace_(), "team");
  EXPECT_THAT(request.tags(), ::testing::ElementsAre("draft", "fr"));
}

TEST_F(InvokeTest, WhatIsNotSaidIsLeftToTheService) {
  AnswerWith({"x"});
  run_({"invoke", "hi"});
  pb::InvokeRequest bare;
  bare.set_query("hi");
  bare.mutable_caller()->set_source("holysheepctl");
  EXPECT_EQ(node_.request().SerializeAsString(), bare.SerializeAsString());
}

TEST_F(InvokeTest, TheWordsOfAQuestionArriveUntouched) {
  AnswerWith({"x"});
  const std::vector<std::string> questions[] = {{"[3,1,2]"},
                                                {"[]"},
                                                {"[[1],[2]]"},
                                                {"{}"},
                                                {"%%"},
                                                {"sort", "[b,a]"},
                                                {"[x]", "or", "[y,z]?"},
                                                {"a,b"},
                                                {"{}", ""},
                                                {"\"quoted\""}};
  for (const std::vector<std::string>& words : questions) {
    const std::string question = absl::StrJoin(words, " ");
    std::vector<std::string> args = {"invoke", "-s", "[be,brief]"};
    args.insert(args.end(), words.begin(), words.end());
    args.insert(args.end(), {"--tag", "[t,u]"});
    EXPECT_EQ(run_(args), kExitOk) << question;
    EXPECT_EQ(node_.request().query(), question);
    EXPECT_EQ(node_.request().system_prompt(), "[be,brief]");
    EXPECT_THAT(node_.request().tags(), ::testing::ElementsAre("[t,u]"));
  }
}

TEST_F(InvokeTest, FlagsMayStandBetweenTheWords) {
  AnswerWith({"x"});
  EXPECT_EQ(run_({"invoke", "sort", "-q", "[2,1]", "-m", "m", "now"}), kExitOk);
  EXPECT_EQ(node_.request().query(), "sort [2,1] now");
  EXPECT_EQ(node_.request().model(), "m");
  EXPECT_EQ(run_({"invoke", "--", "-x", "[2,1]"}), kExitOk);
  EXPECT_EQ(node_.request().query(), "-x [2,1]");
}

TEST_F(InvokeTest, ReadsAPipe) {
  AnswerWith({"x"});
  run_.input = "from\nthe pipe\n";
  EXPECT_EQ(run_({"invoke"}), kExitOk);
  EXPECT_EQ(node_.request().query(), "from\nthe pipe");
}

TEST_F(InvokeTest, ADashPutsThePipeIntoAParagraphOfItsOwn) {
  AnswerWith({"x"});
  run_.input = "the text\n";
  EXPECT_EQ(run_({"invoke", "Summarise", "this:", "-"}), kExitOk);
  EXPECT_EQ(node_.request().query(), "Summarise this:\n\nthe text");
}

TEST_F(InvokeTest, AnUnusableQuestionIsWrongUsage) {
  EXPECT_EQ(run_({"invoke"}), kExitUsage);
  EXPECT_THAT(run_.err, HasSubstr("empty"));
  run_.input = "T\xF6ne";
  EXPECT_EQ(run_({"invoke"}), kExitUsage);
  EXPECT_THAT(run_.err, HasSubstr("not UTF-8"));
  run_.in_is_terminal = true;
  EXPECT_EQ(run_({"invoke"}), kExitUsage);
  EXPECT_THAT(run_.err, HasSubstr("there is no question"));
}

TEST_F(InvokeTest, JsonIsTheWholeResponseAndNothingElse) {
  node_.invoke = [](pb::InvokeResponse& response) {
    response = Answer("Hallo");
    return grpc::Status::OK;
  };
  EXPECT_EQ(run_({"invoke", "hi", "--json"}), kExitOk);
  EXPECT_THAT(run_.out, HasSubstr("\"model_used\": \"deepseek-v3.2\""));
  EXPECT_THAT(run_.out, HasSubstr("\"cached\": false"));
  EXPECT_THAT(run_.out, HasSubstr("\"total\": \"0.00051828\""));
  EXPECT_EQ(run_.err, "");
}

TEST_F(InvokeTest, WithoutStreamingOneCallAnswers) {
  node_.invoke = [](pb::InvokeResponse& response) {
    response = Answer("Hallo\n");
    return grpc::Status::OK;
  };
  EXPECT_EQ(run_({"invoke", "hi", "--no-stream", "--quiet"}), kExitOk);
  EXPECT_EQ(run_.out, "Hallo\n");
  EXPECT_EQ(run_.err, "");
}

TEST_F(InvokeTest, TheLineSaysHowTheCacheHelpedAndWhatWasAdapted) {
  node_.invoke_stream = [](const FakeNode::Send& send) {
    pb::InvokeResponse response = Answer("x");
    response.mutable_cache_info()->set_outcome(pb::CacheInfo::JOINED);
    response.set_finish_reason(pb::InvokeResponse::LENGTH);
    response.add_warnings("top_k was dropped");
    response.set_routing("deepseek-v3.2: the cheapest");
    send(Final(response));
    return grpc::Status::OK;
  };
  EXPECT_EQ(run_({"invoke", "hi"}), kExitOk);
  EXPECT_THAT(run_.err, HasSubstr("| joined\n"));
  EXPECT_THAT(run_.err, HasSubstr("\nchosen: deepseek-v3.2: the cheapest\n"));
  EXPECT_THAT(run_.err, HasSubstr("warning: top_k was dropped\n"));
  EXPECT_THAT(run_.err, HasSubstr("raise --max-tokens"));
}

TEST_F(InvokeTest, AnAnswerCannotCommandTheTerminal) {
  AnswerWith({"\x1b[2J"});
  run_.out_is_terminal = true;
  run_({"invoke", "hi"});
  EXPECT_EQ(run_.out, "?[2J\n");
}

TEST_F(InvokeTest, AFileGetsTheAnswerAsItIs) {
  AnswerWith({"\x1b[2J"});
  run_({"invoke", "hi"});
  EXPECT_EQ(run_.out, "\x1b[2J\n");
}

TEST_F(InvokeTest, AnErrorEndsTheLineAndSaysWhatToDo) {
  node_.invoke_stream = [](const FakeNode::Send& send) {
    send(Text("half an ans"));
    return ServiceError(grpc::StatusCode::RESOURCE_EXHAUSTED,
                        "RATE_LIMITED_UPSTREAM", 1500);
  };
  EXPECT_EQ(run_({"invoke", "hi"}), kExitLimited);
  EXPECT_EQ(run_.out, "half an ans\n");
  EXPECT_EQ(run_.err,
            "error: RATE_LIMITED_UPSTREAM: told so; try again in 1.5s; slow "
            "down, or try another --model\n");
}

TEST_F(InvokeTest, AnInterruptCancelsTheCall) {
  run_.out_buffer.on_flush = [this](const std::string&) {
    run_.interrupt.Trigger();
  };
  node_.invoke_stream = [this](const FakeNode::Send& send) {
    send(Text("one"));
    seen_.WaitForNotification();
    // Fails only once the cancellation has come here.
    while (send(Text("more"))) {
    }
    ended_.Notify();
    return grpc::Status::OK;
  };
  EXPECT_EQ(run_({"invoke", "hi"}), kExitInterrupted);
  EXPECT_THAT(run_.out, ::testing::StartsWith("one"));
  EXPECT_EQ(run_.err, "interrupted\n");
  seen_.Notify();
  EXPECT_TRUE(ended_.WaitForNotificationWithTimeout(kLong));
}

TEST_F(InvokeTest, ATimeoutEndsTheCall) {
  node_.invoke_stream = [this](const FakeNode::Send&) {
    seen_.WaitForNotification();
    return grpc::Status::OK;
  };
  EXPECT_EQ(run_({"invoke", "hi", "--timeout", "50ms"}), kExitDeadline);
  EXPECT_THAT(run_.err, HasSubstr("raise --timeout"));
  seen_.Notify();
}

TEST_F(InvokeTest, CredentialsGoAsMetadataAndAreNeverShown) {
  node_.invoke_stream = [](const FakeNode::Send&) {
    return ServiceError(grpc::StatusCode::UNAUTHENTICATED, "UNAUTHENTICATED");
  };
  run_.environment["HOLYSHEEP_TOKEN"] = "my-token";
  run_.environment["HOLYSHEEP_UPSTREAM_KEY"] = "hs-0123456789abcdef0123";
  EXPECT_EQ(run_({"invoke", "hi"}), kExitFailed);
  EXPECT_EQ(node_.metadata("authorization"), "Bearer my-token");
  EXPECT_EQ(node_.metadata("x-holysheep-api-key"), "hs-0123456789abcdef0123");
  EXPECT_THAT(run_.err, HasSubstr("set HOLYSHEEP_TOKEN"));
  EXPECT_THAT(run_.err, Not(HasSubstr("my-token")));
  EXPECT_THAT(run_.err, Not(HasSubstr("abcdef")));
}

}  // namespace
}  // namespace holysheep::cli
