#include "cli/batch/batch_run.h"

#include <memory>
#include <sstream>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Keeps the ids of what it is given.
struct FakeOutput final : BatchOutput {
  const FinishedItems& finished() const override { return none; }
  absl::Status Append(const pb::BatchResult& result,
                      absl::string_view /*columns*/) override {
    ids.push_back(result.id());
    return absl::OkStatus();
  }
  absl::Status Sync() override { return absl::OkStatus(); }

  FinishedItems none;
  std::vector<std::string> ids;
};

class BatchRunTest : public ::testing::Test {
 protected:
  BatchRunTest() {
    pb::BatchItem item;
    while (run_.Next(item)) asked_.push_back(item.id());
  }

  bool Fail(int64_t index, const std::string& reason) {
    pb::BatchResult result;
    result.set_index(index);
    result.set_id(asked_[static_cast<size_t>(index)]);
    result.mutable_error()->set_reason(reason);
    return run_.OnResult(result);
  }

  std::stringbuf in_{"one\ntwo\n"};
  std::unique_ptr<BatchReader> reader_ =
      *NewBatchReader({BatchFormat::kLines}, {}, in_);
  FakeOutput output_;
  RemainingItems items_{*reader_, output_.none, false};
  BatchRun run_{{items_, output_, nullptr}, {}, absl::UnixEpoch()};
  std::vector<std::string> asked_;
};

TEST_F(BatchRunTest, WhatADrainingServiceHasNotBegunIsLeftForResume) {
  EXPECT_TRUE(Fail(0, "DRAINING"));
  EXPECT_TRUE(Fail(1, "UPSTREAM_5XX"));
  EXPECT_THAT(output_.ids, ElementsAre(asked_[1]));
  EXPECT_EQ(run_.tally().failed, 1);
  EXPECT_TRUE(run_.Finish(absl::UnavailableError("draining")).ok());
}

TEST_F(BatchRunTest, AStreamThatEndsWellOwesNothing) {
  EXPECT_TRUE(Fail(0, "DRAINING"));
  EXPECT_TRUE(Fail(1, "UPSTREAM_5XX"));
  EXPECT_THAT(std::string(run_.Finish(absl::OkStatus()).message()),
              HasSubstr("left 1 items unanswered"));
}

}  // namespace
}  // namespace holysheep::cli
