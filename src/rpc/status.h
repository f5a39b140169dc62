#pragma once

#include "absl/status/status.h"

namespace grpc {
class Status;
}  // namespace grpc

namespace holysheep {

namespace node::v1 {
class Error;
}  // namespace node::v1
namespace pb = node::v1;

// The two forms in which callers get an error. Both show the message of a
// catalogued error (base/errors.h), cut to what fits into gRPC's trailers. A
// defect of our own, or an error that nobody made with MakeError, says only
// that it is one: its text was not written for callers.

// With google.rpc details: ErrorInfo always; RetryInfo, BadRequest and
// QuotaFailure where the error knows as much.
grpc::Status ToGrpcStatus(const absl::Status& status);

// REQUIRES: !status.ok().
void ToErrorMessage(const absl::Status& status, pb::Error* error);

}  // namespace holysheep
