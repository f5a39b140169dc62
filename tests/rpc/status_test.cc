#include "rpc/status.h"

#include <string>

#include "absl/strings/escaping.h"
#include "base/errors.h"
#include "google/rpc/error_details.pb.h"
#include "grpcpp/support/status.h"
#include "gtest/gtest.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

google::rpc::Status WireOf(const grpc::Status& status) {
  google::rpc::Status wire;
  EXPECT_TRUE(wire.ParseFromString(status.error_details()));
  return wire;
}

// The detail of type T; fails the test and is empty where there is none.
template <typename T>
T DetailOf(const absl::Status& status) {
  T detail;
  const google::rpc::Status wire = WireOf(ToGrpcStatus(status));
  for (const auto& any : wire.details()) {
    if (any.UnpackTo(&detail)) return detail;
  }
  ADD_FAILURE() << "no " << T::descriptor()->full_name();
  return detail;
}

template <typename T>
bool HasDetail(const absl::Status& status) {
  const google::rpc::Status wire = WireOf(ToGrpcStatus(status));
  for (const auto& any : wire.details()) {
    if (any.Is<T>()) return true;
  }
  return false;
}

absl::Status RateLimited() {
  ErrorDetails details;
  details.retry_after = absl::Milliseconds(1500);
  details.limit = "requests_per_minute";
  details.subject = "caller:team-a";
  return MakeError(Reason::kRateLimitedLocal, "60 a minute", details);
}

TEST(StatusTest, SuccessIsOk) {
  EXPECT_TRUE(ToGrpcStatus(absl::OkStatus()).ok());
}

TEST(StatusTest, EveryErrorSaysItsReasonAndDomain) {
  const absl::Status status = MakeError(Reason::kDraining, "going down");

  const grpc::Status wire = ToGrpcStatus(status);

  EXPECT_EQ(wire.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(wire.error_message(), "going down");
  EXPECT_EQ(WireOf(wire).code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(WireOf(wire).message(), "going down");
  const auto info = DetailOf<google::rpc::ErrorInfo>(status);
  EXPECT_EQ(info.reason(), "DRAINING");
  EXPECT_EQ(info.domain(), "holysheep.ai");
  EXPECT_TRUE(info.metadata().empty());
  EXPECT_EQ(WireOf(wire).details_size(), 1);
}

TEST(StatusTest, ALimitSaysWhichWhoseAndWhenToTryAgain) {
  const auto quota = DetailOf<google::rpc::QuotaFailure>(RateLimited());
  ASSERT_EQ(quota.violations_size(), 1);
  EXPECT_EQ(quota.violations(0).subject(), "caller:team-a");
  EXPECT_EQ(quota.violations(0).description(), "requests_per_minute");
  const auto retry = DetailOf<google::rpc::RetryInfo>(RateLimited());
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 500'000'000);
  const auto info = DetailOf<google::rpc::ErrorInfo>(RateLimited());
  EXPECT_EQ(info.metadata().at("limit"), "requests_per_minute");
  EXPECT_EQ(info.metadata().at("subject"), "caller:team-a");
}

TEST(StatusTest, AWrongFieldIsABadRequestWithItsPath) {
  const absl::Status status = InvalidField("messages[2].role", "must be set");

  const auto bad = DetailOf<google::rpc::BadRequest>(status);
  ASSERT_EQ(bad.field_violations_size(), 1);
  EXPECT_EQ(bad.field_violations(0).field(), "messages[2].role");
  EXPECT_EQ(bad.field_violations(0).description(),
            "messages[2].role: must be set");
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(status).metadata().at("field"),
            "messages[2].role");
  EXPECT_FALSE(HasDetail<google::rpc::RetryInfo>(status));
  EXPECT_FALSE(HasDetail<google::rpc::QuotaFailure>(status));
}

TEST(StatusTest, AnUpstreamErrorSaysItsHttpStatus) {
  ErrorDetails details;
  details.http_status = 503;
  const auto info = DetailOf<google::rpc::ErrorInfo>(
      MakeError(Reason::kUpstream5xx, "overloaded", details));
  EXPECT_EQ(info.metadata().at("http_status"), "503");
}

TEST(StatusTest, AnErrorOfAnotherMakeDoesNotShowItsText) {
  const absl::Status foreign = absl::NotFoundError("/etc/holysheep/secret");

  const grpc::Status wire = ToGrpcStatus(foreign);

  EXPECT_EQ(wire.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_EQ(wire.error_message(),
            "internal error; the service's log says more");
  EXPECT_EQ(DetailOf<google::rpc::ErrorInfo>(foreign).reason(), "INTERNAL");
  EXPECT_EQ(wire.error_details().find("secret"), std::string::npos);
  pb::Error error;
  ToErrorMessage(foreign, &error);
  EXPECT_EQ(error.message(), wire.error_message());
}

TEST(StatusTest, AWaitIsNeverNegativeAndNeverEndless) {
  ErrorDetails details;
  details.retry_after = -absl::Seconds(1);
  const absl::Status past = MakeError(Reason::kCircuitOpen, "down", details);
  EXPECT_EQ(DetailOf<google::rpc::RetryInfo>(past).retry_delay().seconds(), 0);
  details.retry_after = absl::InfiniteDuration();
  const absl::Status never = MakeError(Reason::kCircuitOpen, "down", details);
  EXPECT_EQ(DetailOf<google::rpc::RetryInfo>(never).retry_delay().seconds(),
            365 * 24 * 3600);
}

// What the trailers take: a message byte is percent-encoded to up to three,
// the details go in base64.
size_t TrailerBytes(const grpc::Status& status) {
  size_t bytes = absl::Base64Escape(status.error_details()).size();
  for (const char c : status.error_message()) {
    bytes += c >= ' ' && c <= '~' && c != '%' ? 1 : 3;
  }
  return bytes;
}

TEST(StatusTest, TheLargestErrorFitsIntoTheTrailersOfGrpc) {
  std::string sheep;
  for (int i = 0; i < 5000; ++i) sheep += "\xF0\x9F\x90\x91";
  ErrorDetails details;
  details.retry_after = absl::InfiniteDuration();
  details.field = details.limit = details.subject = "x" + sheep;
  details.http_status = 503;

  const grpc::Status wire =
      ToGrpcStatus(MakeError(Reason::kFirstTokenTimeout, sheep, details));

  EXPECT_LT(TrailerBytes(wire), 8192 - 512);
  EXPECT_EQ(wire.error_message().size(), 1024u);
  EXPECT_EQ(WireOf(wire).details_size(), 4);
}

TEST(StatusTest, BytesThatAreNoUtf8DoNotSpoilTheDetails) {
  const absl::Status status =
      MakeError(Reason::kUpstreamMalformed, "got \xFF\xFE");
  EXPECT_EQ(ToGrpcStatus(status).error_message(), "got ??");
}

TEST(StatusTest, AnErrorAsAValueSaysTheSame) {
  pb::Error error;
  ToErrorMessage(RateLimited(), &error);
  EXPECT_EQ(error.reason(), "RATE_LIMITED_LOCAL");
  EXPECT_EQ(error.code(), "RESOURCE_EXHAUSTED");
  EXPECT_EQ(error.message(), "60 a minute");
  EXPECT_EQ(error.retry_after_ms(), 1500);
}

TEST(StatusTest, AShortWaitIsNotTakenForAnUnknownOne) {
  ErrorDetails details;
  details.retry_after = absl::Microseconds(10);
  pb::Error error;
  ToErrorMessage(MakeError(Reason::kQueueFull, "full", details), &error);
  EXPECT_EQ(error.retry_after_ms(), 100);
}

}  // namespace
}  // namespace holysheep
