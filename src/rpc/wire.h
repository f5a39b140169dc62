#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <cstddef>

#include "absl/status/status.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace holysheep {

// Messages in their form on the wire. The handlers receive and return them in
// this form, because gRPC refuses what it cannot unpack itself: without a
// reason, or as if the method did not exist.

// The largest request of an authenticated caller, in bytes. gRPC accepts larger
// ones, up to GrpcServerOptions::max_message_bytes, so that they are answered
// here. Enough for a conversation with several images in full resolution.
inline constexpr size_t kMaxRequestBytes = 32 << 20;

// The same for services without authentication. Their messages hold a name and
// little else.
inline constexpr size_t kMaxStrangersBytes = 64 << 10;

// Parses `packed` into `message`, and frees the bytes at once rather than with
// the call: gRPC passes them as const, but does not use them any more. Returns
// INVALID_ARGUMENT if they are not such a message, or if it would need far more
// memory than its bytes (wire_scan.h). If they exceed `max_bytes`, returns
// gRPC's own code for that, RESOURCE_EXHAUSTED, with the reason
// INVALID_ARGUMENT and the largest field; `message` then contains the first
// fields, as far as they can be read. Thread-safe.
absl::Status Parse(const grpc::ByteBuffer& packed,
                   google::protobuf::Message& message,
                   size_t max_bytes = kMaxRequestBytes);

// Serializes `message` in the form that a handler returns. Cannot fail for a
// message whose strings are valid UTF-8. Thread-safe.
grpc::ByteBuffer Serialize(const google::protobuf::Message& message);

}  // namespace holysheep
