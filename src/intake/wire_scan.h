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

// Two bytes on the wire may become two hundred in memory: an empty entry, or a
// field that nobody knows. So what a message would become is looked at before
// it is unpacked, without unpacking anything.

// Most entries that a repeated field may have.
inline constexpr int kMaxEntries = 4096;

// What all fields of a message together may take in memory beyond their own
// bytes, by an estimate that is two or three times what they do take.
inline constexpr size_t kMaxFieldBytes = 128 << 20;

// Reads `input` to its end, as a message of `type`. An INVALID_ARGUMENT with
// the path of the field that has too many entries, or with which it becomes too
// much; and if it is no such message. Takes time linear in the bytes, and
// next to no memory. Thread-safe.
absl::Status ScanWire(google::protobuf::io::CodedInputStream& input,
                      const google::protobuf::Descriptor& type);

// The error of what is no message of `type`.
absl::Status NoSuchMessage(const google::protobuf::Descriptor& type);

}  // namespace holysheep
