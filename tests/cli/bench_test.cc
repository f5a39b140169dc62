#include "cli/bench/bench.h"

#include <rapidjson/document.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <string>

#include "cli/events.h"
#include "cli/fake_node.h"
#include "cli/program_run.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

using ::testing::HasSubstr;

class BenchTest : public ::testing::Test {
 protected:
  BenchTest() {
    run_.Use(node_.address());
    node_.invoke = [this](pb::InvokeResponse& response) {
      ++calls_;
      response = Answer("x");
      return grpc::Status::OK;
    };
    node_.invoke_stream = [](const FakeNode::Send& send) {
      send(Text("one"));
      send(Text("two"));
      send(Final(Answer("onetwo")));
      return grpc::Status::OK;
    };
  }

  // The report of `bench ... --json`.
  rapidjson::Document Report(std::vector<std::string> args) {
    args.insert(args.begin(), "bench");
    args.push_back("--json");
    code_ = run_(args);
    rapidjson::Document json;
    json.Parse(run_.out.c_str());
    EXPECT_FALSE(json.HasParseError()) << run_.out;
    return json;
  }

  // The node's threads may use these until it is gone.
  std::atomic<int> calls_ = 0;
  ProgramRun run_;
  FakeNode node_;
  ExitCode code_ = kExitOk;
};

TEST_F(BenchTest, MakesExactlyTheCallsAskedFor) {
  const auto report = Report({"-n", "200", "-c", "7"});
  EXPECT_EQ(code_, kExitOk);
  EXPECT_EQ(calls_, 200);
  EXPECT_EQ(report["succeeded"].GetInt(), 200);
  EXPECT_EQ(report["tokens"].GetInt(), 200 * 1234);
  EXPECT_GT(report["latency_ms"]["min"].GetDouble(), 0);
}

TEST_F(BenchTest, ThePromptIsAskedAsItIsGiven) {
  Report({"sort", "-n", "1", "[3,1,2]"});
  EXPECT_EQ(node_.request().query(), "sort [3,1,2]");
}

TEST_F(BenchTest, MoreSlotsThanCallsMakeNoMoreCalls) {
  Report({"-n", "3", "-c", "50"});
  EXPECT_EQ(calls_, 3);
}

TEST_F(BenchTest, WarmUpCallsDoNotCount) {
  const auto report = Report({"-n", "10", "--warm-up", "5"});
  EXPECT_EQ(calls_, 15);
  EXPECT_EQ(report["succeeded"].GetInt(), 10);
}

TEST_F(BenchTest, StreamsHaveATimeToTheFirstToken) {
  const auto report = Report({"-n", "50", "--stream"});
  EXPECT_EQ(report["succeeded"].GetInt(), 50);
  EXPECT_EQ(report["tokens"].GetInt(), 50 * 1234);
  const double first = report["first_token_ms"]["avg"].GetDouble();
  EXPECT_GT(first, 0);
  EXPECT_LT(first, report["latency_ms"]["avg"].GetDouble());
}

TEST_F(BenchTest, FailuresAreCountedByReasonAndEndWith1) {
  node_.invoke = [this](pb::InvokeResponse&) {
    return ++calls_ % 2 == 0
               ? grpc::Status::OK
               : ServiceError(grpc::StatusCode::RESOURCE_EXHAUSTED,
                              "QUEUE_FULL");
  };
  const auto report = Report({"-n", "100"});
  EXPECT_EQ(code_, kExitFailed);
  EXPECT_EQ(report["failures"]["QUEUE_FULL"].GetInt(), 50);
}

TEST_F(BenchTest, ABatchIsMeasuredItemByItem) {
  const auto report =
      Report({"-n", "200", "-c", "7", "--batch", "--warm-up", "5"});
  EXPECT_EQ(code_, kExitOk);
  EXPECT_EQ(calls_, 205);
  EXPECT_TRUE(report["setup"]["batch"].GetBool());
  EXPECT_EQ(report["succeeded"].GetInt(), 200);
  EXPECT_EQ(report["tokens"].GetInt(), 200 * 1234);
  EXPECT_GT(report["latency_ms"]["min"].GetDouble(), 0);
}

TEST_F(BenchTest, ItemsThatFailAreCountedByReason) {
  node_.invoke = [this](pb::InvokeResponse&) {
    return ++calls_ % 2 == 0
               ? grpc::Status::OK
               : grpc::Status(grpc::StatusCode::ABORTED, "QUEUE_FULL");
  };
  const auto report = Report({"-n", "100", "--batch"});
  EXPECT_EQ(code_, kExitFailed);
  EXPECT_EQ(report["failures"]["QUEUE_FULL"].GetInt(), 50);
}

TEST_F(BenchTest, AnInterruptEndsABatchWithAReportOfWhatWasDone) {
  node_.invoke = [this](pb::InvokeResponse&) {
    if (++calls_ == 20) run_.interrupt.Trigger();
    return grpc::Status::OK;
  };
  const auto report = Report({"-n", "1000000", "-c", "1", "--batch"});
  EXPECT_EQ(code_, kExitInterrupted);
  EXPECT_GE(report["succeeded"].GetInt(), 19);
}

TEST_F(BenchTest, NobodyThereIsSaidOfABatchToo) {
  ProgramRun nobody("127.0.0.1:1");
  EXPECT_EQ(nobody({"bench", "--batch"}), kExitUnreachable);
  EXPECT_EQ(nobody.out, "");
}

TEST_F(BenchTest, ABatchHasNeitherStreamsNorARate) {
  EXPECT_EQ(run_({"bench", "--batch", "--stream"}), kExitUsage);
  EXPECT_EQ(run_({"bench", "--batch", "--rate", "5"}), kExitUsage);
  EXPECT_EQ(calls_, 0);
}

// Answers only when as many calls are there as can be at once.
TEST_F(BenchTest, ConcurrencyIsReached) {
  std::mutex mutex;
  std::condition_variable changed;
  int here = 0;
  node_.invoke = [&](pb::InvokeResponse&) {
    std::unique_lock lock(mutex);
    ++here;
    changed.notify_all();
    const bool all = changed.wait_for(lock, std::chrono::seconds(30),
                                      [&here] { return here >= 8; });
    return all ? grpc::Status::OK
               : grpc::Status(grpc::StatusCode::ABORTED, "alone");
  };
  EXPECT_EQ(Report({"-n", "8", "-c", "8"})["succeeded"].GetInt(), 8);
}

// All calls are due within 0.2 ms, but there is only one at a time: the last
// one has waited for all others.
TEST_F(BenchTest, AnOpenLoopTakesTheTimeFromWhenACallWasDue) {
  const auto report = Report({"-n", "200", "-c", "1", "--rate", "1000000"});
  EXPECT_EQ(report["succeeded"].GetInt(), 200);
  EXPECT_GE(report["latency_ms"]["max"].GetDouble(),
            report["elapsed_s"].GetDouble() * 1000 - 0.2);
}

TEST_F(BenchTest, AnInterruptEndsTheRunWithAReportOfWhatWasDone) {
  node_.invoke = [this](pb::InvokeResponse&) {
    if (++calls_ == 20) run_.interrupt.Trigger();
    return grpc::Status::OK;
  };
  const auto report = Report({"-n", "100000000", "-c", "2"});
  EXPECT_EQ(code_, kExitInterrupted);
  EXPECT_GE(report["succeeded"].GetInt(), 1);
  EXPECT_EQ(report["failed"].GetInt(), 0);
  EXPECT_EQ(run_.err, "interrupted\n");
}

TEST_F(BenchTest, AnInterruptDoesNotWaitForTheNextCallToBeDue) {
  node_.invoke = [this](pb::InvokeResponse&) {
    run_.interrupt.Trigger();
    return grpc::Status::OK;
  };
  Report({"-n", "100", "--rate", "0.001"});
  EXPECT_EQ(code_, kExitInterrupted);
}

TEST_F(BenchTest, AnInterruptEndsStreamsThatHang) {
  node_.invoke_stream = [this](const FakeNode::Send& send) {
    run_.interrupt.Trigger();
    while (send(Text("more"))) {
    }
    return grpc::Status::OK;
  };
  Report({"-n", "10", "-c", "3", "--stream"});
  EXPECT_EQ(code_, kExitInterrupted);
}

TEST_F(BenchTest, NobodyThereIsSaidBeforeAnyReport) {
  ProgramRun nobody("127.0.0.1:1");
  EXPECT_EQ(nobody({"bench", "--timeout", "50ms"}), kExitUnreachable);
  EXPECT_EQ(nobody.out, "");
}

TEST_F(BenchTest, WritesThePage) {
  const auto path = std::filesystem::temp_directory_path() /
                    ("holysheep-bench-" + std::to_string(getpid()) + ".html");
  EXPECT_EQ(run_({"bench", "-n", "20", "--html", path.string()}), kExitOk);
  std::ifstream file(path);
  const std::string page(std::istreambuf_iterator<char>(file), {});
  std::filesystem::remove(path);
  EXPECT_THAT(page, HasSubstr("<svg"));
  EXPECT_THAT(run_.out, HasSubstr("P95"));
}

TEST_F(BenchTest, APageThatCannotBeWrittenIsSaidSoAfterTheReport) {
  EXPECT_EQ(run_({"bench", "-n", "1", "--html", "/no/such/folder/x"}),
            kExitUsage);
  EXPECT_THAT(run_.out, HasSubstr("P95"));
  EXPECT_THAT(run_.err, HasSubstr("cannot write /no/such/folder/x"));
}

TEST_F(BenchTest, FlagsAndPromptsReachTheService) {
  Report({"-n", "1", "--unique", "-m", "gpt-4.1", "Why", "sheep?"});
  EXPECT_THAT(node_.request().query(), ::testing::StartsWith("Why sheep? #"));
  EXPECT_EQ(node_.request().model(), "gpt-4.1");
  EXPECT_EQ(node_.request().cache().mode(), pb::CacheControl::BYPASS);
}

}  // namespace
}  // namespace holysheep::cli
