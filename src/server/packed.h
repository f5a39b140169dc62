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

// Largest request that is taken, in bytes. gRPC lets larger ones in, up to
// GrpcServerOptions::max_message_bytes, so that they can be answered here.
inline constexpr size_t kMaxRequestBytes = 32 << 20;

// Makes `message` of `packed`, and frees that at once rather than with the
// call: gRPC hands it out const, though it needs it no more. An error with the
// reason INVALID_ARGUMENT if it is no such message; and if it is too large,
// with the code RESOURCE_EXHAUSTED, which is gRPC's own for that, and with the
// field that takes most of it. Thread-safe.
absl::Status Unpack(const grpc::ByteBuffer& packed,
                    google::protobuf::Message& message);

grpc::ByteBuffer Pack(const google::protobuf::Message& message);

}  // namespace holysheep
