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

// The two forms in which callers receive errors. Both show the message of an
// error that MakeError has made, shortened to what fits into gRPC's trailers. A
// defect of the service, or an error made otherwise, is only named as such: its
// text was not written for callers. Pure.

// With google.rpc details: always ErrorInfo; RetryInfo, BadRequest and
// QuotaFailure if the error has that information. OK becomes OK. The domain of
// ErrorInfo is `holysheep.ai`, and its metadata has `field`, `limit`, `subject`
// and `http_status` where they are known. A wait is at least 100 ms.
grpc::Status ToGrpcStatus(const absl::Status& status);

// REQUIRES: !status.ok(). For an item of a batch or a step of a workflow, whose
// RPC goes on.
void ToErrorMessage(const absl::Status& status, pb::Error* error);

}  // namespace holysheep
