#include "load/load_run.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/status.h>

#include <vector>

#include "gtest/gtest.h"

namespace holysheep::load {
namespace {

// Nobody answers there, so that every call fails at once.
LoadTarget Nobody() {
  return {grpc::CreateChannel("unix:/nonexistent/socket",
                              grpc::InsecureChannelCredentials()),
          [](grpc::ClientContext&) {}};
}

struct Count {
  int requests = 0;
  int ends = 0;
  int failures = 0;
};

Count RunAll(const LoadPlan& plan) {
  Count count;
  const LoadTarget target = Nobody();
  const auto next = [&count](pb::InvokeRequest&) { ++count.requests; };
  EXPECT_TRUE(NewLoadRun(target, plan, next)
                  ->Run([&count](const CallEnd& end) {
                    ++count.ends;
                    if (!end.status.ok()) ++count.failures;
                  })
                  .ok());
  return count;
}

TEST(LoadRunTest, TellsOfEveryCallOnce) {
  for (const bool stream : {false, true}) {
    for (const double rate : {0.0, 1e6}) {
      LoadPlan plan;
      plan.calls = 25;
      plan.concurrency = 4;
      plan.rate = rate;
      plan.stream = stream;
      const Count count = RunAll(plan);
      EXPECT_EQ(count.requests, 25);
      EXPECT_EQ(count.ends, 25);
      EXPECT_EQ(count.failures, 25);
    }
  }
}

TEST(LoadRunTest, StartsNoCallOnceItsTimeIsOver) {
  LoadPlan plan;
  plan.concurrency = 4;
  plan.duration = absl::ZeroDuration();
  EXPECT_EQ(RunAll(plan).requests, 0);
  plan.duration = absl::Milliseconds(5);
  const Count count = RunAll(plan);
  EXPECT_GT(count.requests, 0);
  EXPECT_EQ(count.ends, count.requests);
}

TEST(LoadRunTest, WhenStoppedItSaysSo) {
  const LoadTarget target = Nobody();
  LoadPlan plan;
  plan.concurrency = 2;
  int ends = 0;
  const auto next = [](pb::InvokeRequest&) {};
  const auto run = NewLoadRun(target, plan, next);
  const absl::Status status = run->Run([&](const CallEnd&) {
    if (++ends == 10) run->Stop();
  });
  EXPECT_TRUE(absl::IsCancelled(status));
  EXPECT_EQ(ends, 10);
}

}  // namespace
}  // namespace holysheep::load
