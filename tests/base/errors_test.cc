#include "base/errors.h"

#include "gtest/gtest.h"

namespace holysheep {
namespace {

TEST(ErrorsTest, AnErrorGivesBackAllThatItWasMadeOf) {
  ErrorDetails details;
  details.retry_after = absl::Milliseconds(1500);
  details.field = "messages[0].role";
  details.limit = "requests_per_minute";
  details.subject = "model:gpt-4.1";
  details.http_status = 429;
  details.lasting = true;
  details.callers_bound = true;
  details.event = 1'800'000'000;
  details.refused = "stream_options";

  const absl::Status status =
      MakeError(Reason::kRateLimitedUpstream, "slow down", details);

  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(), "slow down");
  EXPECT_EQ(ReasonOf(status), Reason::kRateLimitedUpstream);
  const ErrorDetails got = DetailsOf(status);
  EXPECT_EQ(got.retry_after, absl::Milliseconds(1500));
  EXPECT_EQ(got.field, "messages[0].role");
  EXPECT_EQ(got.limit, "requests_per_minute");
  EXPECT_EQ(got.subject, "model:gpt-4.1");
  EXPECT_EQ(got.http_status, 429);
  EXPECT_TRUE(got.lasting);
  EXPECT_TRUE(got.callers_bound);
  EXPECT_EQ(got.event, 1'800'000'000);
  EXPECT_EQ(got.refused, "stream_options");
}

TEST(ErrorsTest, AnUnknownDetailStaysUnknown) {
  const ErrorDetails got = DetailsOf(MakeError(Reason::kDraining, "bye"));
  EXPECT_EQ(got.retry_after, std::nullopt);
  EXPECT_EQ(got.field, "");
  EXPECT_EQ(got.http_status, 0);
  EXPECT_FALSE(got.lasting);
  EXPECT_FALSE(got.callers_bound);
  EXPECT_EQ(got.event, 0);
}

TEST(ErrorsTest, AnErrorOfAnotherMakeIsInternal) {
  EXPECT_EQ(ReasonOf(absl::NotFoundError("x")), Reason::kInternal);
}

TEST(ErrorsTest, AnInvalidFieldNamesItsPathInTheMessageToo) {
  const absl::Status status = InvalidField("temperature", "must be 0 to 2");
  EXPECT_EQ(status.message(), "temperature: must be 0 to 2");
  EXPECT_EQ(DetailsOf(status).field, "temperature");
  EXPECT_EQ(ReasonOf(status), Reason::kInvalidArgument);
}

TEST(ErrorsTest, EveryReasonHasTheCodeOfTheContract) {
  using C = absl::StatusCode;
  EXPECT_EQ(CodeOf(Reason::kModelNotFound), C::kNotFound);
  EXPECT_EQ(CodeOf(Reason::kContextLength), C::kOutOfRange);
  EXPECT_EQ(CodeOf(Reason::kContentFilter), C::kFailedPrecondition);
  EXPECT_EQ(CodeOf(Reason::kUpstreamAuth), C::kFailedPrecondition);
  EXPECT_EQ(CodeOf(Reason::kQueueFull), C::kResourceExhausted);
  EXPECT_EQ(CodeOf(Reason::kUpstreamQuota), C::kResourceExhausted);
  EXPECT_EQ(ReasonName(Reason::kUpstreamQuota), "UPSTREAM_QUOTA");
  EXPECT_EQ(CodeOf(Reason::kCircuitOpen), C::kUnavailable);
  EXPECT_EQ(CodeOf(Reason::kFirstTokenTimeout), C::kDeadlineExceeded);
  EXPECT_EQ(CodeOf(Reason::kCacheMiss), C::kNotFound);
  EXPECT_EQ(CodeOf(Reason::kUpstreamMalformed), C::kInternal);
  EXPECT_EQ(CodeOf(Reason::kStreamTruncated), C::kDataLoss);
  EXPECT_EQ(ReasonName(Reason::kStreamTruncated), "STREAM_TRUNCATED");
  EXPECT_EQ(ReasonName(Reason::kUnimplemented), "UNIMPLEMENTED");
}

}  // namespace
}  // namespace holysheep
