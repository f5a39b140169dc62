#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <cstddef>

#include "absl/status/status.h"

namespace google::protobuf {
class Message;
}  // namespace google::protobuf

namespace holysheep {

// Messages as they go over the wire. The handlers take and give them so,
// because what gRPC unpacks itself it also refuses itself: without a reason,
// or as if there were no such method.

// Largest request of a caller that is taken, in bytes. gRPC lets larger ones
// in, up to GrpcServerOptions::max_message_bytes, so that they can be answered
// here.
inline constexpr size_t kMaxRequestBytes = 32 << 20;

// The same where nobody says who they are.
inline constexpr size_t kMaxStrangersBytes = 64 << 10;

// Makes `message` of `packed`, and frees that at once rather than with the
// call: gRPC hands it out const, though it needs it no more. An error with the
// reason INVALID_ARGUMENT if it is no such message, or if it would take far
// more memory than its bytes (wire_scan.h); and if it is larger than
// `max_bytes`, with the code RESOURCE_EXHAUSTED, which is gRPC's own for that,
// and with the field that takes most of it. Then `message` has what it begins
// with, as far as that can be read. Thread-safe.
absl::Status Parse(const grpc::ByteBuffer& packed,
                   google::protobuf::Message& message,
                   size_t max_bytes = kMaxRequestBytes);

grpc::ByteBuffer Serialize(const google::protobuf::Message& message);

}  // namespace holysheep
