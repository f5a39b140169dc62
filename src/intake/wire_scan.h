#pragma once

#include <cstddef>

#include "absl/status/status.h"

namespace google::protobuf {
class Descriptor;
namespace io {
class CodedInputStream;
}  // namespace io
}  // namespace google::protobuf

namespace holysheep {

// Two bytes on the wire can become two hundred in memory, for example as an
// empty entry or an unknown field. The size that a message would have is
// therefore computed before it is unpacked.

// The most entries of a repeated field. Far above any real conversation.
inline constexpr int kMaxEntries = 4096;

// The most memory for all fields of a message beyond their own bytes, by an
// estimate that is two or three times the real amount. Four times the largest
// request.
inline constexpr size_t kMaxFieldBytes = 128 << 20;

// Reads `input` to its end as a message of `type`. Returns INVALID_ARGUMENT
// with the path of the field that has too many entries, or that exceeds the
// memory, and if the bytes are not such a message. Takes time linear in the
// bytes and little memory. Thread-safe. Nesting deeper than 100 levels, the
// limit of protobuf itself, is not such a message.
absl::Status ScanWire(google::protobuf::io::CodedInputStream& input,
                      const google::protobuf::Descriptor& type);

// The error for bytes that are not a message of `type`.
absl::Status NoSuchMessage(const google::protobuf::Descriptor& type);

}  // namespace holysheep
