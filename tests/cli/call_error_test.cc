#include "cli/client/call_error.h"

#include "cli/client/exit_code.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"

namespace holysheep::cli {
namespace {

constexpr char kAddress[] = "127.0.0.1:50051";

google::rpc::Status WithReason(const std::string& reason) {
  google::rpc::Status wire;
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  wire.add_details()->PackFrom(info);
  return wire;
}

absl::Status Error(absl::StatusCode code, absl::string_view message,
                   const google::rpc::Status& wire) {
  return MakeCallStatus(code, message, wire.SerializeAsString());
}

TEST(CallErrorTest, ALimitIsNamedWithItsOwnerAndTheWait) {
  google::rpc::Status wire = WithReason("RATE_LIMITED_LOCAL");
  google::rpc::QuotaFailure quota;
  quota.add_violations()->set_subject("caller:team-a");
  quota.mutable_violations(0)->set_description("requests_per_minute");
  wire.add_details()->PackFrom(quota);
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(12);
  retry.mutable_retry_delay()->set_nanos(1);
  wire.add_details()->PackFrom(retry);

  const absl::Status status =
      Error(absl::StatusCode::kResourceExhausted, "too many requests", wire);

  EXPECT_EQ(ErrorLine(status, kAddress),
            "RATE_LIMITED_LOCAL: too many requests (limit requests_per_minute "
            "of caller:team-a); try again in 13s; slow down, or raise the "
            "limit in the service");
}

TEST(CallErrorTest, AFieldIsNamedUnlessTheMessageDoesSo) {
  google::rpc::Status wire = WithReason("INVALID_ARGUMENT");
  google::rpc::BadRequest bad;
  bad.add_field_violations()->set_field("top_p");
  wire.add_details()->PackFrom(bad);

  EXPECT_EQ(ErrorLine(Error(absl::StatusCode::kInvalidArgument,
                            "must be 0 to 1", wire),
                      kAddress),
            "INVALID_ARGUMENT: must be 0 to 1 (field top_p)");
  EXPECT_EQ(ErrorLine(Error(absl::StatusCode::kInvalidArgument,
                            "top_p: must be 0 to 1", wire),
                      kAddress),
            "INVALID_ARGUMENT: top_p: must be 0 to 1");
}

TEST(CallErrorTest, ALostConnectionSaysHowToReachTheService) {
  const absl::Status status = MakeCallStatus(
      absl::StatusCode::kUnavailable,
      "failed to connect to all addresses; last error: UNKNOWN: "
      "ipv4:127.0.0.1:50051: Failed to connect to remote host: Connection "
      "refused",
      "");
  EXPECT_EQ(ErrorLine(status, kAddress),
            "cannot reach the service at 127.0.0.1:50051 (Connection refused); "
            "start holysheep-node, or give --address or HOLYSHEEP_ADDRESS; a "
            "service behind TLS needs --tls");
}

TEST(CallErrorTest, AMessageCannotBreakTheLineOrTheTerminal) {
  const absl::Status status =
      Error(absl::StatusCode::kInternal, "a\n\x1b]0;b", WithReason("INTERNAL"));
  EXPECT_EQ(ErrorLine(status, kAddress), "INTERNAL: a ?]0;b");
}

TEST(CallErrorTest, DetailsThatAreNoneAreIgnored) {
  const absl::Status status =
      MakeCallStatus(absl::StatusCode::kInternal, "odd", "\xff\xff\xff");
  EXPECT_EQ(CallErrorOf(status).reason, "");
  EXPECT_EQ(ErrorLine(status, kAddress), "INTERNAL: odd");
}

TEST(CallErrorTest, ExitCodesFollowTheCode) {
  using C = absl::StatusCode;
  EXPECT_EQ(ExitCodeFor(absl::OkStatus()), kExitOk);
  EXPECT_EQ(ExitCodeFor(absl::Status(C::kInvalidArgument, "")), kExitFailed);
  EXPECT_EQ(ExitCodeFor(absl::Status(C::kResourceExhausted, "")), kExitLimited);
  EXPECT_EQ(ExitCodeFor(absl::Status(C::kDeadlineExceeded, "")), kExitDeadline);
}

TEST(CallErrorTest, AMessageThatIsTooLargeIsNoLimitToWaitFor) {
  EXPECT_EQ(ExitCodeFor(Error(absl::StatusCode::kResourceExhausted, "too large",
                              WithReason("INVALID_ARGUMENT"))),
            kExitFailed);
}

TEST(CallErrorTest, OnlyAnUnavailableOfNobodyIsUnreachable) {
  EXPECT_EQ(ExitCodeFor(absl::UnavailableError("refused")), kExitUnreachable);
  EXPECT_EQ(ExitCodeFor(Error(absl::StatusCode::kUnavailable, "bye",
                              WithReason("DRAINING"))),
            kExitFailed);
}

}  // namespace
}  // namespace holysheep::cli
