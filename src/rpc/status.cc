#include "rpc/status.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/errors.h"
#include "base/utf8.h"
#include "google/rpc/error_details.pb.h"
#include "grpcpp/support/status.h"
#include "holysheep/node/v1/chat.pb.h"

namespace holysheep {
namespace {

constexpr absl::string_view kDomain = "holysheep.ai";
constexpr absl::string_view kNeutralMessage =
    "internal error; the service's log says more";

// gRPC drops a call whose trailers exceed 8 KB. They contain the message twice:
// percent-encoded (up to three bytes for one), and inside the details in base64
// (four for three), where a BadRequest repeats it once more.
constexpr size_t kMaxMessageBytes = 1024;
constexpr size_t kMaxDetailBytes = 256;

// A client that is asked to return at once only returns too early.
constexpr absl::Duration kMinRetryAfter = absl::Milliseconds(100);

// A longer wait is of no use to a client. It keeps the seconds of RetryInfo
// within the range that protobuf allows.
constexpr absl::Duration kMaxRetryAfter = absl::Hours(24 * 365);

std::string MessageOf(const absl::Status& status) {
  if (ReasonOf(status) == Reason::kInternal) {
    return std::string(kNeutralMessage);
  }
  return BoundedUtf8(status.message(), kMaxMessageBytes);
}

absl::Duration RetryAfterOf(const ErrorDetails& details) {
  return std::clamp(*details.retry_after, kMinRetryAfter, kMaxRetryAfter);
}

void AddDetail(const google::protobuf::Message& detail,
               google::rpc::Status& status) {
  status.add_details()->PackFrom(detail);
}

// Always present: clients look for the reason here first.
void AddErrorInfo(Reason reason, const ErrorDetails& details,
                  google::rpc::Status& status) {
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(ReasonName(reason)));
  info.set_domain(std::string(kDomain));
  auto& metadata = *info.mutable_metadata();
  if (!details.field.empty()) metadata["field"] = details.field;
  if (!details.limit.empty()) metadata["limit"] = details.limit;
  if (!details.subject.empty()) metadata["subject"] = details.subject;
  if (details.http_status != 0) {
    metadata["http_status"] = absl::StrCat(details.http_status);
  }
  AddDetail(info, status);
}

void AddRetryInfo(const ErrorDetails& details, google::rpc::Status& status) {
  const absl::Duration delay = RetryAfterOf(details);
  const int64_t seconds = absl::ToInt64Seconds(delay);
  google::rpc::RetryInfo info;
  info.mutable_retry_delay()->set_seconds(seconds);
  info.mutable_retry_delay()->set_nanos(static_cast<int32_t>(
      absl::ToInt64Nanoseconds(delay - absl::Seconds(seconds))));
  AddDetail(info, status);
}

void AddBadRequest(const ErrorDetails& details, google::rpc::Status& status) {
  google::rpc::BadRequest bad;
  auto* violation = bad.add_field_violations();
  violation->set_field(details.field);
  violation->set_description(
      BoundedUtf8(status.message(), 2 * kMaxDetailBytes));
  AddDetail(bad, status);
}

void AddQuotaFailure(const ErrorDetails& details, google::rpc::Status& status) {
  google::rpc::QuotaFailure failure;
  auto* violation = failure.add_violations();
  violation->set_subject(details.subject);
  violation->set_description(details.limit);
  AddDetail(failure, status);
}

ErrorDetails BoundedDetailsOf(const absl::Status& status) {
  ErrorDetails details = DetailsOf(status);
  for (std::string* text : {&details.field, &details.limit, &details.subject}) {
    *text = BoundedUtf8(*text, kMaxDetailBytes);
  }
  return details;
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status();
  const Reason reason = ReasonOf(status);
  const ErrorDetails details = BoundedDetailsOf(status);
  google::rpc::Status wire;
  wire.set_code(static_cast<int>(CodeOf(reason)));
  wire.set_message(MessageOf(status));
  AddErrorInfo(reason, details, wire);
  if (details.retry_after.has_value()) AddRetryInfo(details, wire);
  if (!details.field.empty()) AddBadRequest(details, wire);
  if (!details.limit.empty()) AddQuotaFailure(details, wire);
  return grpc::Status(static_cast<grpc::StatusCode>(wire.code()),
                      wire.message(), wire.SerializeAsString());
}

void ToErrorMessage(const absl::Status& status, pb::Error* error) {
  const Reason reason = ReasonOf(status);
  error->set_reason(std::string(ReasonName(reason)));
  error->set_code(absl::StatusCodeToString(CodeOf(reason)));
  error->set_message(MessageOf(status));
  const ErrorDetails details = DetailsOf(status);
  if (details.retry_after.has_value()) {
    error->set_retry_after_ms(absl::ToInt64Milliseconds(
        absl::Ceil(RetryAfterOf(details), absl::Milliseconds(1))));
  }
}

}  // namespace holysheep
